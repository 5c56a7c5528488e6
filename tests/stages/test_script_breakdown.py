"""The breakdown: every line once by its speaker, the grammar of film kept, the examples worth watching."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanju.events.script import SceneParsed, ShotPlanned
from duanju.plugins.stages.screenplay import tone
from duanju.plugins.stages.screenplay.breakdown import breakdown
from duanju.plugins.stages.screenplay.look import BEATS, MOST_ACTS, acts_of, lens_of, light_of
from duanju.plugins.stages.screenplay.model import Screenplay
from duanju.plugins.stages.screenplay.names import is_group, is_narrator, members
from duanju.plugins.stages.screenplay.parse import parse, read
from duanju.plugins.stages.screenplay.phrases import parts_of_line, sentences, suffix

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "tests" / "fixtures" / "scripts"
SCRIPTS = sorted(one for one in FIXTURES.rglob("*") if one.suffix in (".txt", ".md", ".fountain"))
EXAMPLES = [ROOT / "examples" / "teahouse.fountain", ROOT / "examples" / "chaguan.txt"]
SIZES = {"EWS", "WS", "FS", "MS", "MCU", "CU", "ECU", "TWO", "OTS", "INSERT"}
MOVES = {"still", "push-in", "pull-out", "pan-left", "pan-right", "tilt-up", "tilt-down"}
FEELINGS = {"neutral", "happy", "sad", "angry", "afraid", "surprised", "tense", "tender"}
SIDE = {"left": -1, "centre-left": -1, "centre": 0, "centre-right": 1, "right": 1}


def scenes_of(play: Screenplay) -> list[SceneParsed]:
    return [
        SceneParsed(
            revision=1,
            scene=f"S{n:02d}",
            number=n,
            of=len(play.scenes),
            heading=one.heading,
            place=one.place,
            interior=one.interior,
            time=one.time,
            language=play.language,
            first=one.first,
            last=one.last,
            characters=one.characters,
            elements=one.elements,
        )
        for n, one in enumerate(play.scenes, 1)
    ]


def shots_of(play: Screenplay) -> list[list[ShotPlanned]]:
    return [breakdown(scene) for scene in scenes_of(play)]


def film(text: str) -> list[ShotPlanned]:
    return [shot for scene in shots_of(parse(text)) for shot in scene]


def assert_grammar(play: Screenplay) -> None:
    """What must hold for any script."""
    for scene, shots in zip(scenes_of(play), shots_of(play), strict=True):
        assert shots
        assert [shot.shot for shot in shots] == [f"{scene.scene}-{n:02d}" for n in range(1, len(shots) + 1)]
        assert {shot.of for shot in shots} == {len(shots)}
        assert shots[0].size in ("WS", "EWS")
        wanted = [(e.line, e.character, e.text, e.note, e.how) for e in scene.elements if e.type == "line"]
        got: list[tuple[str, str, str, str, str]] = []
        names: list[str] = []
        for line in (line for shot in shots for line in shot.lines):
            names.append(line.line)
            base = line.line.rstrip("abcdefghijklmnopqrstuvwxyz")
            if got and got[-1][0] == base:
                got[-1] = (base, line.character, got[-1][2] + line.text, line.note, line.how)
            else:
                got.append((base, line.character, line.text, line.note, line.how))
        assert got == wanted
        assert len(set(names)) == len(names)
        side: dict[str, int] = {}
        for shot in shots:
            assert 1_500 <= shot.duration_ms <= 8_000
            assert shot.size in SIZES
            assert shot.move in MOVES
            assert 18 <= shot.lens <= 135 and shot.light and shot.beat in BEATS
            assert {one.character for one in shot.on_screen} <= set(shot.needs)
            assert len(shot.acts) <= MOST_ACTS
            assert scene.first <= shot.first <= shot.last <= scene.last
            assert len({one.position for one in shot.on_screen}) == len(shot.on_screen) <= 4
            for one in shot.on_screen:
                assert one.character in scene.characters
                assert one.expression in FEELINGS
                assert side.setdefault(one.character, SIDE[one.position]) == SIDE[one.position]
            shown = {one.character for one in shot.on_screen}
            spoken = [line.character for line in shot.lines if line.how == "spoken"]
            bodies = [who for who in spoken if not is_group(who) and not is_narrator(who)]
            assert shown.issuperset(bodies)
            lips = bool(bodies) or any(shown.intersection(members(who)) for who in spoken)
            assert shot.audio == ("tts" if lips else "voice-over" if shot.lines else "silent")


@pytest.mark.parametrize("path", [*EXAMPLES, *SCRIPTS], ids=lambda path: path.name)
def test_grammar_holds(path: Path) -> None:
    assert_grammar(read(path.read_bytes()))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_examples_are_a_whole_episode(path: Path) -> None:
    play = read(path.read_bytes())
    shots = [shot for scene in shots_of(play) for shot in scene]
    assert 60_000 <= sum(shot.duration_ms for shot in shots) <= 90_000
    assert len(play.scenes) >= 4
    assert len({scene.place for scene in play.scenes}) >= 4
    assert len(shots) >= 12
    assert play.lines >= 14
    assert len([one for one in play.characters if one.lines]) == 3
    assert any(line.how in ("vo", "off", "inner") for shot in shots for line in shot.lines)
    assert {"rain", "fog", "clear"} <= {shot.weather for shot in shots}
    assert any(shot.crowd for shot in shots)
    used = [shot.size for shot in shots]
    assert {"WS", "EWS", "TWO", "OTS", "MCU", "CU", "INSERT"} <= set(used)
    assert max(used.count(size) for size in used) <= len(used) * 0.4
    assert sum(len(shot.on_screen) >= 1 for shot in shots) >= len(shots) * 0.8
    assert sum(bool(one.description) for one in play.characters) >= 2


def test_the_teahouse_scene_is_the_asked_one() -> None:
    text = EXAMPLES[0].read_text(encoding="utf-8")
    for words in (
        "INT. TEAHOUSE - NIGHT\n",
        "Xiao Mei enters the crowded teahouse, her eyes scanning the room nervously. She spots Old "
        "Zhang in the corner, nursing a cup of jasmine tea.",
        "XIAO MEI\n(whispering)\nIs it done?",
        "OLD ZHANG\n(pushing a small package across)\nBe careful what you wish for.",
    ):
        assert words in text
    shots = shots_of(read(text.encode()))[0]
    first, seen, ask, package, answer = shots[:5]
    assert (first.size, first.move, first.crowd, first.mood) == ("WS", "pan-right", True, "afraid")
    assert [one.character for one in first.on_screen] == ["Xiao Mei"]
    assert [(one.character, one.pose) for one in seen.on_screen] == [("Old Zhang", "drink")]
    assert seen.objects == ("cup",)
    assert [(one.character, one.facing) for one in ask.on_screen] == [
        ("Xiao Mei", "right"),
        ("Old Zhang", "left"),
    ]
    assert (package.size, package.objects, package.lines) == ("INSERT", ("package",), ())
    assert (answer.size, answer.lines[0].text) == ("OTS", "Be careful what you wish for.")
    assert ask.on_screen[0].expression == "tense"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_no_cut_repeats_the_picture(path: Path) -> None:
    for shots in shots_of(read(path.read_bytes())):
        for one, two in pairwise(shots):
            same = {a.character for a in one.on_screen} == {b.character for b in two.on_screen}
            assert not (same and one.on_screen and one.size == two.size), (one.shot, two.shot)


def test_a_pronoun_means_the_last_who_can_be_meant() -> None:
    shots = film(
        "INT. ROOM - DAY\n\nAnna sits. Old Tom stands.\n\n"
        "OLD TOM\nWell?\n\nShe picks up the knife.\n\nANNA\nNo.\n"
    )
    knife = next(shot for shot in shots if "knife" in shot.objects)
    assert knife.size == "INSERT"
    assert [one.character for one in knife.on_screen] == ["Anna"]


def test_a_voice_over_moves_no_lips_and_an_absent_speaker_is_not_shown() -> None:
    shots = film(
        "EXT. ROAD - DAY\n\nAnna walks alone.\n\nTOM (V.O.)\nCome home.\n\nANNA (V.O.)\nNever again.\n"
    )
    said = [shot for shot in shots if shot.lines]
    assert [shot.audio for shot in said] == ["voice-over", "voice-over"]
    assert all("Tom" not in [one.character for one in shot.on_screen] for shot in shots)
    assert [one.character for one in said[1].on_screen] == ["Anna"]


def test_a_mention_that_is_no_presence_shows_nobody() -> None:
    shots = film(
        "INT. TOM'S FLAT - DAY\n\nAnna finds a photo of Tom. Tom's coat is gone.\n\n"
        "ANNA\nTom!\n\nTOM (V.O.)\nHi.\n"
    )
    assert all([one.character for one in shot.on_screen] != ["Tom"] for shot in shots)


def test_names_bring_no_weather() -> None:
    assert film("1-1 日 内 家\n△小雪走进来。\n小雪：我回来了。\n")[0].weather == "clear"
    assert film("1-1 日 外 街\n△雪下得很大。小雪走来。\n小雪：我回来了。\n")[0].weather == "snow"


def test_tears_are_not_torn() -> None:
    assert tone.expression_of("She tears the letter open") == ""
    assert tone.expression_of("tears in her eyes") == "sad"
    assert tone.pose_of("tears in her eyes") == ""
    assert tone.pose_of("She tears the letter open") == "hold"


@pytest.mark.parametrize(
    ("note", "feeling"),
    [
        ("whispering", "tense"),
        ("nervously", "afraid"),
        ("furious", "angry"),
        ("sobbing", "sad"),
        ("softly", "tender"),
        ("stunned", "surprised"),
        ("grinning", "happy"),
        ("beat", ""),
        ("低声", "tense"),
        ("颤抖", "afraid"),
        ("冷笑", "angry"),
        ("哽咽", "sad"),
        ("轻声", "tender"),
        ("震惊", "surprised"),
        ("微笑", "happy"),
        ("", ""),
    ],
)
def test_brackets_are_felt(note: str, feeling: str) -> None:
    assert tone.expression_of(note) == feeling


@pytest.mark.parametrize(
    ("text", "objects"),
    [
        ("She slides a letter and the keys over.", ("letter", "key")),
        ("The phone rings.", ("phone",)),
        ("He polishes his glasses.", ()),
        ("他掏出手机和一张照片。", ("phone", "photo")),
        ("我相信你。", ()),
        ("茶馆里", ()),
    ],
)
def test_props(text: str, objects: tuple[str, ...]) -> None:
    assert tone.objects_of(text) == objects


def test_a_long_line_is_parted_at_sentences_and_kept_whole() -> None:
    text = "I waited for you at the station every single night. " * 4 + "And you never came, not even once."
    shots = film(f"INT. ROOM - DAY\n\nBob stands.\n\nBOB\n{text}\n")
    lines = [line for shot in shots for line in shot.lines]
    assert [line.line for line in lines] == [f"L001{letter}" for letter in "abcd"[: len(lines)]]
    assert len(lines) > 1
    assert "".join(line.text for line in lines) == text
    assert all(line.text.rstrip().endswith(".") for line in lines)
    spoken = [shot for shot in shots if shot.lines]
    assert all(one.size != two.size for one, two in pairwise(spoken))


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="ab ,.!?。，小美1—\n…", max_size=400), st.sampled_from(["en", "zh"]))
def test_parts_concatenate_to_the_text(text: str, language: str) -> None:
    parts = parts_of_line(text, language)
    assert "".join(parts) == text
    assert len(parts) == 1 or all(parts)


def test_suffixes_never_repeat() -> None:
    names = [suffix(n) for n in range(800)]
    assert names[0] == "a"
    assert names[25:28] == ["z", "aa", "ab"]
    assert len(set(names)) == 800


def test_sentences_keep_titles_together() -> None:
    assert sentences("Dr. Chen waits. Rain... She runs!") == ["Dr. Chen waits.", "Rain...", "She runs!"]


WHO = ["ANNA", "BOB", "CAI", "DORA", "EMIL"]
BLOCK = st.one_of(
    st.tuples(
        st.sampled_from([*WHO, "NARRATOR", "ALL"]),
        st.sampled_from(["", " (V.O.)", " (O.S.)"]),
        st.sampled_from(["", "(crying)\n", "(hands him the key)\n", "(beat)\n"]),
        st.sampled_from(["Yes.", "You killed my father!", "Why?", "...", "No, no, no " * 30, "Go."]),
    ).map(lambda t: f"{t[0]}{t[1]}\n{t[2]}{t[3]}"),
    st.tuples(
        st.sampled_from(["Anna", "Bob", "Cai and Dora", "She", "The door", "Emil", "A gun"]),
        st.sampled_from(
            [
                "enters.",
                "leaves.",
                "freezes.",
                "looks at Bob.",
                "picks up the phone.",
                "opens.",
                "sits, crying.",
            ]
        ),
    ).map(" ".join),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(BLOCK, max_size=14), st.sampled_from(["INT. A - DAY", "EXT. B - NIGHT"]))
def test_grammar_holds_for_any_scene(blocks: list[str], heading: str) -> None:
    play = parse("\n\n".join([heading, *blocks, ""]))
    for scene, shots in zip(scenes_of(play), shots_of(play), strict=True):
        wanted = [e.text for e in scene.elements if e.type == "line"]
        assert "".join(line.text for shot in shots for line in shot.lines) == "".join(wanted)
        side: dict[str, int] = {}
        for shot in shots:
            assert 1_500 <= shot.duration_ms <= 8_000
            for one in shot.on_screen:
                assert one.character in scene.characters
                assert side.setdefault(one.character, SIDE[one.position]) == SIDE[one.position]
            shown = {one.character for one in shot.on_screen}
            for line in shot.lines:
                assert line.how != "spoken" or line.character in ({*shown, "All"})


def test_the_lens_follows_the_size_and_the_feeling() -> None:
    shots = film((ROOT / "examples" / "teahouse.fountain").read_text(encoding="utf-8"))
    assert {shot.lens for shot in shots if shot.size == "WS"} == {28}
    assert {shot.lens for shot in shots if shot.size == "CU"} == {85}
    assert [lens_of("EWS", inside, "") for inside in (True, False)] == [24, 18]
    assert [lens_of("MCU", True, feeling) for feeling in ("neutral", "angry")] == [65, 85]
    assert [lens_of("ECU", True, feeling) for feeling in ("neutral", "sad")] == [100, 135]
    assert [lens_of(size, True, "") for size in ("FS", "TWO", "MS", "OTS", "INSERT")] == [35, 40, 50, 65, 100]


def test_light_is_of_the_hour_the_weather_and_the_mood() -> None:
    assert light_of("night", False, "rain", "tense") == (
        "cool moonlight with pools of lamplight; grey light, wet reflections; hard side light"
    )
    assert "reflections" not in light_of("night", True, "rain", "calm")


@pytest.mark.parametrize(
    ("action", "units"),
    [
        ("小美愣住，盯着包裹。", ("小美愣住", "盯着包裹。")),
        ("灯笼下，她撕开包裹。", ("灯笼下，她撕开包裹。",)),
        ("林辰推门而入，然后停住。她没有回头。", ("林辰推门而入", "然后停住。", "她没有回头。")),
        ("She stands, then walks to the door.", ("She stands", "walks to the door.")),
        ("", ()),
    ],
)  # fmt: skip
def test_an_action_is_told_in_units(action: str, units: tuple[str, ...]) -> None:
    assert acts_of(action) == units


def test_what_a_shot_does_in_the_story() -> None:
    shots = film(
        "INT. HALL - NIGHT\n\nMei waits.\n\nMEI\n(furious)\nYou lied to me about my father!\n\n"
        "A gun on the table.\n\nMEI\n(softly)\nFine.\n\nLI\n...\n\nLI\nI know.\n"
    )
    beats = [shot.beat for shot in shots]
    assert beats[0] == "establish"
    assert "turn" in beats and "reveal" in beats and "react" in beats and "say" in beats


def test_two_who_say_it_at_once_are_seen_side_by_side() -> None:
    shots = film("1-1 日 内 茶馆\n人物：小美、老张\n△小美看着老张。\n小美：走吧。\n小美、老张：好！\n")
    last = shots[-1] if shots[-1].lines else shots[-2]
    assert last.lines[0].text == "好！"
    assert {one.character for one in last.on_screen} == {"小美", "老张"}
    assert last.audio == "tts" and last.size in ("TWO", "FS")
