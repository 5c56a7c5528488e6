"""Breaks a scene down into shots by rules, as a director and an editor would who know the grammar."""

from __future__ import annotations

import re

from ....events.script import OnScreen, SceneParsed, ShotPlanned
from . import tone
from .beats import Act, Beat, Look, Say, beats_of, visible
from .coverage import action_size, line_size, move_of_action, other_size
from .names import Mentions
from .shots import MAX_SHOT_MS, MIN_SHOT_MS, Shot, action_ms, line_ms, planned
from .staging import Staging

__all__ = ["breakdown"]

_EMPTY_MS = 2_000
_BACK = re.compile(
    r"\b(?:his|her) back (?:to|turned)|\bturns? (?:his|her) back|背对|背影|背身|背过身", re.IGNORECASE
)
_ANSWER = {"angry": "tense", "afraid": "tense", "sad": "sad", "happy": "tense", "tender": "tense",
           "surprised": "tense", "tense": "tense", "neutral": "tense"}  # fmt: skip


def breakdown(scene: SceneParsed) -> list[ShotPlanned]:
    """The shots of a scene, in order; every line of it once, by its speaker. Pure: same scene, same shots.

    This function is the seam: whatever else can break a scene down (a chat model's answer, checked) returns
    the same list for the same scene, and the reaction that calls it need not know which did.
    """
    return _Director(scene).direct()


class _Director:
    """One scene, beat by beat."""

    def __init__(self, scene: SceneParsed) -> None:
        self.scene = scene
        mentions = Mentions(scene.characters)
        self.beats = beats_of(scene, mentions)
        self.says = [beat for beat in self.beats if isinstance(beat, Say)]
        self.stage = Staging(visible(self.beats))
        self.shots: list[Shot] = []
        text = " ".join([mentions.strip(scene.heading), *(b.bare for b in self.beats if isinstance(b, Act))])
        self.weather = tone.weather_of(text)
        extras = " ".join(one.text for one in scene.elements if one.type == "cast")
        self.crowd = tone.is_crowded(f"{text} {mentions.strip(extras)}")
        self.said = 0
        self.reactions = 0
        self.paired = False

    def direct(self) -> list[ShotPlanned]:
        """All shots."""
        place = 0
        if not self.beats or not isinstance(self.beats[0], Act) or self._is_detail(self.beats[0]):
            self._establish_place()
        while place < len(self.beats):
            beat = self.beats[place]
            after = self.beats[place + 1 : place + 3]
            if isinstance(beat, Act):
                self._act(beat, after)
            elif isinstance(beat, Look):
                self._look(beat)
            elif self._rapid(beat, after):
                place += 1
            else:
                self._say(beat, after)
            place += 1
        self._end()
        return planned(self.scene, self.shots, self.weather, self.crowd)

    def _is_detail(self, act: Act) -> bool:
        return bool(act.objects) and not act.subject and bool(set(act.objects) - tone.SCENERY)

    # Actions

    def _establish_place(self) -> None:
        """A scene that opens on words or on a detail is first shown from afar, with who is there already."""
        coming = {b.subject for b in self.beats if isinstance(b, Act) and tone.ARRIVES.has(b.bare)}
        here: list[str] = []
        for say in self.says[:2]:
            who = say.line.character
            if not say.heard_only and self.stage.knows(who) and who not in coming:
                self.stage.arrive(who)
                here.append(who)
        size = "WS" if self.scene.interior else "EWS"
        first = self.scene.elements[0] if self.scene.elements else None
        line = first.first if first else self.scene.first
        self._add(
            Shot(
                size,
                self.stage.group(here),
                self.scene.place,
                _EMPTY_MS,
                line,
                line,
                move="push-in",
                beat="establish",
            )
        )

    def _act(self, act: Act, after: list[Beat]) -> None:
        people = [name for name in (act.subject, *act.seen) if self.stage.knows(name)]
        for name in people:
            self.stage.arrive(name)
        self._dress(act)
        opening = not self.shots
        sees = bool(act.seen) and tone.LOOKS.has(act.bare) and not opening
        if sees:  # what she sees is shown as she sees it
            people = [name for name in act.seen if name in people]
        if opening:
            size = "WS" if self.scene.interior else "EWS"
        elif sees:
            size = "MS" if len(people) == 1 else "TWO"
        else:
            size = action_size(act, len(people), self._sizes())
        if (
            size == "INSERT"
            and act.subject
            and after
            and isinstance(after[0], Act)
            and self._is_detail(after[0])
        ):
            size = "MS"  # the detail itself comes next: first who finds it
        if size == "INSERT":
            people = people[:1]
        figures = self._figures_of_action(act, size, people, sees)
        size = self._not_again(size, figures)
        lead = people[0] if people else ""
        ms = action_ms(act, opening, size)
        angle = "low" if not act.subject and size == "WS" else self._angle(lead, size)
        self._add(
            Shot(
                size, figures, act.text, ms, act.first, act.last,
                move=move_of_action(act, size, self.stage.side(lead)), angle=angle, objects=act.objects,
                beat=self._beat_of(act, opening, sees),
            )
        )  # fmt: skip
        for name in (act.subject, *act.seen):
            self.stage.settle(name)
        if tone.LEAVES.has(act.bare) and act.subject:
            self.stage.leave(act.subject)

    def _beat_of(self, act: Act, opening: bool, sees: bool) -> str:
        if opening:
            return "establish"
        if sees and tone.expression_of(act.bare) in ("surprised", "afraid"):
            return "turn"
        struck = (
            tone.expression_of(act.bare) != "" and tone.FACES.has(act.bare) and not tone.MOVES.has(act.bare)
        )
        return "reveal" if sees else "react" if struck else "act"

    def _dress(self, act: Act) -> None:
        """Feelings and poses belong to whoever acts; what stands behind another's name is his."""
        text = act.text
        owner, rest = act.subject, ""
        if act.seen and act.seen[0] in text:
            place = text.find(act.seen[0])
            text, rest = text[:place], text[place + len(act.seen[0]) :]
        if owner:
            self.stage.feel(owner, tone.expression_of(text))
            self.stage.pose(owner, tone.pose_of(text))
        if rest:
            self.stage.feel(act.seen[0], tone.expression_of(rest))
            self.stage.pose(act.seen[0], tone.pose_of(rest))

    def _figures_of_action(self, act: Act, size: str, people: list[str], sees: bool) -> tuple[OnScreen, ...]:
        if len(people) != 1:
            return self.stage.group(people, act.subject)
        who = people[0]
        if tone.LEAVES.has(act.bare) or _BACK.search(act.text):
            return (self.stage.figure(who, alone=True, facing="away"),)
        others = [name for name in self.stage.present if name != who]
        target = act.subject if sees else (others[-1] if others and size not in ("INSERT",) else "")
        facing = ""
        if not target and tone.MOVES.has(act.bare):
            facing = "left" if self.stage.side(who) in ("right", "centre-right") else "right"
        return (self.stage.figure(who, target, alone=True, facing=facing),)

    def _look(self, look: Look) -> None:
        """A bracket without words: a face that says nothing."""
        if not self.stage.knows(look.who):
            return
        self.stage.arrive(look.who)
        self.stage.feel(look.who, tone.expression_of(look.note))
        if self._insert(look.who, look.note, look.first, look.last):
            return
        figures = (self.stage.figure(look.who, self._listener(look.who), alone=True),)
        size = self._not_again("CU", figures)
        self._add(Shot(size, figures, look.note, 1_800, look.first, look.last, move="push-in", beat="react"))

    def _insert(self, who: str, note: str, first: int, last: int) -> bool:
        """A prop that is pushed, handed or looked at is seen on its own before the words."""
        objects = tone.objects_of(note)
        if not set(objects) - tone.SCENERY or not tone.HANDLES.has(note) or self._sizes()[-1:] == ["INSERT"]:
            return False
        self.stage.pose(who, tone.pose_of(note))
        figures = (self.stage.figure(who, alone=True),)
        glue = "" if note[:1] >= "\u2e80" else " "
        self._add(Shot("INSERT", figures, f"{who}{glue}{note}", 1_800, first, last, objects=objects))
        return True

    # Lines

    def _listener(self, speaker: str) -> str:
        """Whom a speaker talks to: who spoke or acted last, of those who are here."""
        here = self.stage.present
        if self.stage.knows(speaker):  # two with one seat cannot be seen talking to each other
            here = [name for name in here if self.stage.side(name) != self.stage.side(speaker)]
        for shot in reversed(self.shots):
            for name in reversed(shot.people):
                if name in here:
                    return name
        return next(iter(here), "")

    def _say(self, say: Say, after: list[Beat]) -> None:
        who, note = say.line.character, say.line.note
        self._feel(say)
        if say.together and not say.heard_only and self._say_together(say):
            self.said += 1
            return
        if say.heard_only or say.bodiless or not self.stage.knows(who):
            self._voice_over(say)
            self.said += 1
            return
        self.stage.arrive(who)
        if say.part == 0:
            self._insert(who, note, say.first, say.last)
        listener = self._listener(who)
        self.stage.pose(who, tone.pose_of(note))
        size = line_size(say, self.said, len(self.says), bool(listener), self._sizes())
        size = self._varied(size, who, listener, say.intensity)
        figures = self._faces(size, who, listener)
        move = "push-in" if size in ("CU", "ECU") or say.intensity >= 2 else "still"
        self._add(
            Shot(
                size, figures, note, line_ms([say]), say.first, say.last, move=move,
                angle=self._angle(who, size), objects=tone.objects_of(note), lines=(say,),
            )
        )  # fmt: skip
        self.stage.settle(who)
        self.said += 1
        self._react(say, listener, after)

    def _say_together(self, say: Say) -> bool:
        """Several who say the same at once are seen side by side."""
        people = [name for name in say.together if self.stage.knows(name)]
        for name in people:
            self.stage.arrive(name)
            self.stage.feel(name, self.stage.feeling(say.line.character))
        figures = self.stage.group(people)
        if len(figures) < 2:
            return False
        size = self._not_again("TWO" if len(figures) == 2 else "FS", figures)
        size = size if size not in ("CU", "MCU", "ECU") else "FS"
        self._add(
            Shot(
                size,
                figures,
                say.line.note,
                line_ms([say]),
                say.first,
                say.last,
                move="push-in",
                lines=(say,),
            )
        )
        return True

    def _feel(self, say: Say) -> None:
        who = say.line.character
        feeling = tone.expression_of(say.line.note)
        if not feeling and say.intensity >= 2 and self.stage.feeling(who) == "neutral":
            feeling = "tense"
        self.stage.feel(who, feeling)

    def _faces(self, size: str, who: str, listener: str) -> tuple[OnScreen, ...]:
        if size == "TWO" and listener:
            return self.stage.group((who, listener))
        speaker = self.stage.figure(who, listener, alone=size != "OTS")
        if size == "OTS" and listener:
            return (speaker, self.stage.figure(listener, who, facing="away"))
        return (speaker,)

    def _varied(self, size: str, who: str, listener: str, intensity: int) -> str:
        """A cut between two shots of one face must change the size clearly, or it looks like a fault."""
        last = self.shots[-1] if self.shots else None
        if last is None or last.people != (who,) or last.size not in ("MS", "MCU", "CU", "ECU"):
            return self._not_again(size, self._faces(size, who, listener))
        if size not in ("MS", "MCU", "CU", "ECU"):
            return size
        wider = "OTS" if listener else "MS"
        if last.size == "ECU":
            return "MCU"
        if last.size == "CU":
            return "ECU" if intensity >= 1 and size == "CU" else wider
        return "CU" if size == "CU" or intensity >= 2 or not listener else "OTS"

    def _not_again(self, size: str, figures: tuple[OnScreen, ...]) -> str:
        if not self.shots or not figures:
            return size
        last = self.shots[-1]
        same = last.size == size and {one.character for one in figures} == set(last.people)
        return other_size(size) if same else size

    def _rapid(self, say: Say, after: list[Beat]) -> bool:
        """Two short lines, back and forth, share a two-shot: once a scene, never the last words."""
        answer = after[0] if after else None
        if self.paired or not isinstance(answer, Say) or self.said + 2 >= len(self.says) or self.said == 0:
            return False
        one, two = say.line.character, answer.line.character
        pair = (say, answer)
        if one == two or not self.stage.knows(one) or not self.stage.knows(two):
            return False
        if any(s.heard_only or s.intensity > 1 or s.ms > 1_900 or tone.objects_of(s.line.note) for s in pair):
            return False
        for one_say in pair:
            self._feel(one_say)
            self.stage.arrive(one_say.line.character)
        figures = self.stage.group((one, two))
        if self._not_again("TWO", figures) != "TWO" or len(figures) != 2:
            return False
        note = "; ".join(s.line.note for s in pair if s.line.note)
        self._add(Shot("TWO", figures, note, line_ms(list(pair)), say.first, answer.last, lines=pair))
        self.paired = True
        self.said += 2
        return True

    def _voice_over(self, say: Say) -> None:
        """A voice without lips rides on the picture before it, else on a face that listens or thinks.

        Who thinks is seen, his lips closed; who speaks from off the screen is not.
        """
        last = self.shots[-1] if self.shots else None
        ms = line_ms([say])
        who, how = say.line.character, say.line.how
        if how == "inner":
            self.stage.arrive(who)
        fits = how == "vo" or who not in self.stage.present or (last is not None and who in last.people)
        if how == "off":
            fits = last is not None and who not in last.people
        if fits and last is not None and not last.lines and last.size != "CU" and ms <= MAX_SHOT_MS:
            last.lines, last.ms, last.last = (say,), max(last.ms, ms), max(last.last, say.last)
            return
        inner = who in self.stage.present and (
            say.line.how in ("vo", "inner") or (self.scene.language == "zh" and say.line.how != "off")
        )
        heard_by = who if inner else (self._listener(who) if self.stage.present else "")
        if not heard_by:
            size = "WS" if self._sizes()[-1:] != ["WS"] else "EWS"
            self._add(Shot(size, (), self.scene.place, ms, say.first, say.last, move="push-in", lines=(say,)))
            return
        other = "" if inner else who
        figures = (self.stage.figure(heard_by, other, alone=True),)
        size = self._not_again("CU" if say.intensity >= 1 else "MCU", figures)
        self._add(Shot(size, figures, say.line.note, ms, say.first, say.last, move="push-in", lines=(say,)))

    def _react(self, say: Say, listener: str, after: list[Beat]) -> None:
        """A strong line is seen on the other's face, unless he comes next anyway."""
        following = after[0] if after else None
        allowed = 1 + len(self.says) // 4
        if not listener or say.part + 1 < say.parts or self.reactions >= allowed:
            return
        if following is None:
            wanted = self.said > 1
        elif isinstance(following, Act):
            wanted = say.intensity >= 2 and listener not in (following.subject, *following.seen)
        elif isinstance(following, Look):
            wanted = False
        else:
            wanted = say.intensity >= 2 and following.line.character != listener
        if not wanted:
            return
        if self.stage.feeling(listener) in ("neutral", "happy", "tender"):
            theirs = self.stage.feeling(say.line.character)
            struck = say.intensity >= 2 and theirs != "angry"
            self.stage.feel(listener, "surprised" if struck else _ANSWER[theirs])
        figures = (self.stage.figure(listener, say.line.character, alone=True),)
        size = "CU" if self.shots[-1].size != "CU" or following is None else "MCU"
        ms = 1_600 if following is None else MIN_SHOT_MS
        move = "push-in" if following is None else "still"
        self._add(
            Shot(self._not_again(size, figures), figures, "", ms, say.last, say.last, move=move, beat="react")
        )
        self.reactions += 1

    # All shots

    def _angle(self, who: str, size: str) -> str:
        """Anger looks down on us, fear is looked down upon; close faces stay level."""
        if size not in ("MS", "MCU", "FS") or not who:
            return "eye"
        return {"angry": "low", "afraid": "high", "sad": "high"}.get(self.stage.feeling(who), "eye")

    def _sizes(self) -> list[str]:
        return [shot.size for shot in self.shots]

    def _add(self, shot: Shot) -> None:
        self.shots.append(shot)

    def _end(self) -> None:
        """The last picture of a scene is held a moment, and comes nearer."""
        last = self.shots[-1]
        if last.move == "still":
            last.move = "push-in"
        last.ms = min(MAX_SHOT_MS, last.ms + 400)
