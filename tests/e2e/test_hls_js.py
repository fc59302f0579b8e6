"""HLS by hls.js in the page of the film: every seek shows the picture of its moment and is heard, in step with it.

The pictures carry their number and the sound beeps at each whole second (tests/support/timed_films.py).
"""

import random
from collections.abc import Iterator
from statistics import median

import pytest
from playwright.sync_api import Browser, Page

from tests.support import proof, timed_films
from tests.support.browser import MOTION, wait
from tests.support.player import LONG, VIDEO, choose
from tests.support.posted_films import PostedFilms, posted_films

SEEKS = 20 if proof.full() else 3

LISTEN = """async () => {
    const code = `registerProcessor("onsets", class extends AudioWorkletProcessor {
        process([[samples]]) {
            const at = samples ? samples.findIndex((one) => Math.abs(one) > 0.25) : -1;
            if (at < 0) return true;
            const moment = currentTime + at / sampleRate;
            if (!(moment - this.loud < 0.3)) this.port.postMessage(moment);
            this.loud = moment;
            return true;
        }
    });`;
    const video = document.querySelector("video"), audio = new AudioContext({ sampleRate: 48000 });
    await audio.audioWorklet.addModule(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
    const heard = audio.createMediaElementSource(video), onsets = new AudioWorkletNode(audio, "onsets");
    const spectrum = new AnalyserNode(audio, { fftSize: 4096, smoothingTimeConstant: 0 });
    heard.connect(onsets);
    heard.connect(spectrum).connect(audio.destination);
    window.onsets = [];
    onsets.port.onmessage = (event) => window.onsets.push(event.data);
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    window.picture = () => {
        canvas.width = video.videoWidth, canvas.height = video.videoHeight;
        pen.drawImage(video, 0, 0);
        const row = pen.getImageData(0, 8, canvas.width, 1).data, block = canvas.width / 16;
        const isSet = (bit) => row[4 * (bit * block + block / 2)] > 125;
        return [...Array(16).keys()].reduce((sum, bit) => sum + isSet(bit) * 2 ** bit, 0);
    };
    window.tone = () => {
        const bins = new Float32Array(spectrum.frequencyBinCount);
        spectrum.getFloatFrequencyData(bins);
        const highest = bins.indexOf(Math.max(...bins));
        return bins[highest] < -60 ? 0 : highest * audio.sampleRate / spectrum.fftSize;
    };
    window.audio = audio;
}"""
"""What the tests read in the page: the number in the picture, the tone that is heard, and when beeps began."""

LAG = """async (count) => {
    const video = document.querySelector("video"), clocks = [], pictures = [];
    const middle = (numbers) => numbers.sort((one, other) => one - other)[numbers.length >> 1];
    const shown = (_, { mediaTime }) => {
        pictures.push(mediaTime - window.picture() / 25);
        video.requestVideoFrameCallback(shown);
    };
    video.requestVideoFrameCallback(shown);
    window.onsets.length = 0;
    while (window.onsets.length < count) {
        if (video.ended || video.paused) throw new Error("it does not play");
        clocks.push(video.currentTime - window.audio.currentTime);
        await new Promise((done) => setTimeout(done, 20));
    }
    const clock = middle(clocks);
    const sounds = window.onsets.map((moment) => moment + clock - Math.round(moment + clock));
    return [middle(sounds), middle(pictures)];
}"""
"""How far beeps (after so many of them) and pictures are from the video's clock, in seconds."""


SHOWN = """() => new Promise((done) => document.querySelector("video").requestVideoFrameCallback(
    (_, { mediaTime }) => done([mediaTime, window.picture() / 25])))"""
"""When the next picture that is shown belongs, by the browser and by its own number; a browser that lacks processor
time shows fewer pictures, so that the clock may be ahead of both."""


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostedFilms]:
    films = {"timed.mkv": timed_films.matroska(), "timed.mp4": timed_films.mp4()}
    with posted_films(tmp_path_factory.mktemp("films"), films) as posted:
        yield posted


@pytest.fixture
def opened(browser: Browser) -> Iterator[Page]:
    """A page that takes the tests' own worklet; what the policy allows is tested elsewhere."""
    context = browser.new_context(bypass_csp=True, viewport={"width": 800, "height": 450}, reduced_motion=MOTION)
    yield context.new_page()
    context.close()


def play(page: Page, films: PostedFilms, name: str, way: str) -> None:
    """Open the film's page, play and listen."""
    page.goto(films.url("watch", name))
    wait(page, f"{VIDEO}?.dataset.way && {VIDEO}.readyState >= 1", seconds=LONG)
    assert page.evaluate(f"{VIDEO}.dataset.way") == way
    page.evaluate(LISTEN)
    page.evaluate(f"{VIDEO}.play()")
    wait(page, f"{VIDEO}.currentTime > 0.3", seconds=LONG)


def seek(page: Page, moment: float) -> None:
    """Seek while it plays; return when it has played on and was heard."""
    page.evaluate(f"moment => {{ {VIDEO}.currentTime = moment; }}", moment)
    wait(page, f"!{VIDEO}.seeking && {VIDEO}.currentTime > {moment + 0.3} && window.tone()", seconds=LONG)


def test_every_seek_plays_with_the_picture_of_its_moment(opened: Page, films: PostedFilms) -> None:
    play(opened, films, "timed.mkv", "hls.js")
    for moment in random.Random(11).sample([0.5 + number * 1.9 for number in range(30)], SEEKS):
        seek(opened, moment)
        clock, picture = opened.evaluate(SHOWN)
        assert moment <= clock == pytest.approx(picture, abs=0.05)
        opened.evaluate(f"{VIDEO}.pause()")
        opened.evaluate(f"{VIDEO}.currentTime = {moment}")
        wait(opened, f"!{VIDEO}.seeking && Math.abs(window.picture() - {int(moment * 25)}) <= 1", seconds=LONG)
        opened.evaluate(f"{VIDEO}.play()")


def test_sound_and_picture_are_as_in_step_as_in_a_file_that_the_browser_plays_itself(
    opened: Page, films: PostedFilms
) -> None:
    steps: dict[str, list[float]] = {}
    for name, way in (("timed.mp4", "direct"), ("timed.mkv", "hls.js")):
        play(opened, films, name, way)
        steps[name] = []
        for moment in (30.2, 12.4, 45.3)[: 3 if proof.full() else 2]:
            seek(opened, moment)
            sound, picture = opened.evaluate(LAG, 3)
            steps[name].append(sound - picture)
    by_itself = median(steps["timed.mp4"])
    assert steps["timed.mkv"] == [pytest.approx(by_itself, abs=0.04)] * len(steps["timed.mkv"])


def test_the_panel_switches_the_sound(opened: Page, films: PostedFilms) -> None:
    play(opened, films, "timed.mkv", "hls.js")
    for label, tone in (("German", "deu"), ("English", "eng"), ("German", "deu")):
        choose(opened, "Sound", label)
        wait(opened, f"Math.abs(window.tone() - {timed_films.TONES[tone]}) < 20", seconds=LONG)
    assert opened.evaluate(f"{VIDEO}.currentTime") < timed_films.SECONDS
