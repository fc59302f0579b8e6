"""What is heard of a film in Debian's Chromium: a switch of the sound, and the silence that a seek brings.

The film's two sounds are steady tones, so that which of them is heard can be told from the highest frequency within
43 ms (the analyser's window), and a block of 128 samples below the threshold is silence.
"""

import random

from playwright.sync_api import Browser, Page

from benchmarks.playback.browser import ONE_WAY, SHOWN, VIDEO, chromium, clean_page, opened
from benchmarks.playback.films import TONES, seconds, two_sounds
from benchmarks.streaming.options import Options
from benchmarks.streaming.table import Line, Target
from benchmarks.streaming.testbed import Testbed, open_testbed

_LISTEN = f"""async () => {{
    const code = `registerProcessor("loudness", class extends AudioWorkletProcessor {{
        process([[samples]]) {{
            this.port.postMessage(Boolean(samples?.some((one) => Math.abs(one) > 0.01)));
            return true;
        }}
    }});`;
    const video = {VIDEO}, audio = new AudioContext({{ sampleRate: 48000 }});
    await audio.audioWorklet.addModule(URL.createObjectURL(new Blob([code], {{ type: "text/javascript" }})));
    const heard = audio.createMediaElementSource(video), loudness = new AudioWorkletNode(audio, "loudness");
    const spectrum = new AnalyserNode(audio, {{ fftSize: 2048, smoothingTimeConstant: 0 }});
    heard.connect(loudness);
    heard.connect(spectrum).connect(audio.destination);
    window.loud = [0, 0];
    loudness.port.onmessage = (event) => {{
        if (!event.data) return;
        const now = performance.now();
        if (now - window.loud[1] > 30) window.loud[0] = now - window.loud[1];
        window.loud[1] = now;
    }};
    window.tone = () => {{
        const bins = new Float32Array(spectrum.frequencyBinCount);
        spectrum.getFloatFrequencyData(bins);
        const highest = bins.indexOf(Math.max(...bins));
        return bins[highest] < -60 ? 0 : highest * audio.sampleRate / spectrum.fftSize;
    }};
    video.muted = false;
}}"""
"""`window.loud`: how long the last silence was, and when a sound was heard last (milliseconds); `window.tone()`: Hz."""

_UNTIL = """const until = async (what) => {
    const late = performance.now() + 30000;
    while (!what()) {
        if (performance.now() > late) throw new Error(`waited 30 s in vain: ${what}`);
        await new Promise((done) => setTimeout(done, 2));
    }
    return performance.now();
};"""
_SEEK = f"""async (moment) => {{
    {_UNTIL}
    window.loud[0] = 0;
    {VIDEO}.currentTime = moment;
    const shown = await ({SHOWN})(moment), heard = await until(() => window.loud[1] > shown);
    return [heard - shown, window.loud[0]];
}}"""
_SWITCH = f"""async ([language, tone]) => {{
    {_UNTIL}
    const radios = [...document.querySelectorAll("[role=dialog] input[type=radio], [role=dialog] [role=radio]")];
    const radio = radios.find((one) => (one.closest("label") ?? one).textContent.includes(language));
    const began = performance.now();
    radio.click();
    return await until(() => Math.abs(window.tone() - tone) < 30) - began;
}}"""
_LANGUAGES = {"deu": "German", "eng": "English"}


def listening(options: Options) -> list[Line]:
    """Row f: a switch of the sound, and the silence of a seek, at each latency."""
    with chromium() as browser:
        return [line for one_way in ONE_WAY for line in _at(browser, one_way, options)]


def _at(browser: Browser, one_way: float, options: Options) -> list[Line]:
    name = f"f {one_way * 1000:.0f} ms one way, by the page"
    switch = Line(f"{name}: a switch of the sound, until the other one is heard", "s", Target("<=", 1.5, worst=True))
    after = Line(f"{name}: silence after the picture of a seek is shown", "s", Target("<=", 0.5, worst=True))
    whole = Line(f"{name}: silence of a seek to a moment not read yet, in all", "s")
    runs = options.scaled(3, 1)
    posted = [two_sounds(options)] * runs
    with open_testbed({"CACHE_DISK": "0"}, posted=posted) as testbed, testbed.control.shaped(latency=one_way):
        for run in range(runs):
            _listen(browser, testbed, run, (switch, after, whole), options)
    return [switch, after, whole]


def _listen(browser: Browser, testbed: Testbed, number: int, lines: tuple[Line, Line, Line], options: Options) -> None:
    switch, after, whole = lines
    chosen = random.Random(number)  # the same moments in each run of the benchmark
    with clean_page(browser) as page:
        opened(page, testbed, number)
        page.evaluate(_LISTEN)
        page.wait_for_function("(tone) => Math.abs(window.tone() - tone) < 30", arg=TONES["eng"])
        for share in (5, 2, 8, 4, 7, 1, 6)[: options.scaled(7, 2)]:
            silence = page.evaluate(_SEEK, seconds(options) * share / 10 + chosen.random())
            after.add(silence[0] / 1000)
            whole.add(silence[1] / 1000)
            for language in ("deu", "eng"):  # a browser in English began with the other one
                switch.add(_switched(page, language) / 1000)


def _switched(page: Page, language: str) -> float:
    """Milliseconds from the choice in the panel until the other tone is heard."""
    player = page.get_by_role("region", name="Player")
    box = player.bounding_box()
    assert box is not None
    for step in (20, 30):
        page.mouse.move(box["x"] + step, box["y"] + step)
    player.get_by_role("button", name="Sound", exact=True).click()
    page.get_by_role("dialog", name="Sound").wait_for()
    took: float = page.evaluate(_SWITCH, [_LANGUAGES[language], TONES[language]])
    page.keyboard.press("Escape")
    return took
