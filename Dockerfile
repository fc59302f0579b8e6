# A slim image: the server alone, as user 1000, writing nowhere but to /data. Works with a read-only root.
FROM node:22-slim AS ui
WORKDIR /build
COPY webui/package.json webui/package-lock.json webui/.npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY webui ./
RUN npm run build

FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN apt-get update && apt-get install -y --no-install-recommends binutils gcc
WORKDIR /build
COPY requirements/server.txt requirements/build.txt requirements/
RUN python -m venv /opt/streamvault && /opt/streamvault/bin/pip install --require-hashes -r requirements/server.txt
# libx264 and libx265 of PyAV's wheel are under the GPL: none of their code is in the image
COPY docker docker
RUN /opt/streamvault/bin/python docker/without_gpl.py && /opt/streamvault/bin/python -c "import av"
RUN python -m venv /opt/build && /opt/build/bin/pip install --require-hashes -r requirements/build.txt
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY src src
COPY --from=ui /build/dist src/streamvault/http/ui
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels .
RUN /opt/streamvault/bin/pip install --no-deps --no-index /wheels/streamvault-*.whl

FROM python:3.12-slim
LABEL org.opencontainers.image.title="StreamVault" \
      org.opencontainers.image.description="A private media server for the files that Telegram channels hold" \
      org.opencontainers.image.licenses="MIT AND LGPL-3.0-or-later"
RUN install -d -o 1000 -g 1000 -m 0700 /data
COPY --from=build /opt/streamvault /opt/streamvault
ENV PATH="/opt/streamvault/bin:$PATH" \
    HOME="/data" \
    DATA_DIR="/data" \
    HOST="0.0.0.0" \
    PORT="7860" \
    PYTHONUNBUFFERED="1" \
    PYTHONDONTWRITEBYTECODE="1"
WORKDIR /data
USER 1000:1000
VOLUME ["/data"]
EXPOSE 7860
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=4)"]
CMD ["streamvault", "serve"]
