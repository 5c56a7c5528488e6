"""Words before a colon that are no name: captions, sounds, camera, story, what stands on the title page."""

from __future__ import annotations

import re
from functools import lru_cache

from .speech import split_speech
from .widths import fold, trim, undress
from .wordlist import words

__all__ = ["is_aspect", "is_camera", "label_of"]

_KINDS = {
    "title": words("剧名 片名 标题 短剧 剧本名 短剧名 剧本名称 title"),
    "meta": words(
        "编剧 作者 导演 类型 题材 集数 时长 原著 改编 版本 日期 出品 出品方 剧本 字数 单集时长 制片 "
        "主演 总集数 频道 受众 风格 时代 "
        "时代背景 联系方式 电话 策划 监制 平台 项目 项目名称 作品类型 适合人群 每集时长 核心梗 卖点 "
        "author writer director genre runtime length version date format draft copyright contact producer "
        "series tone audience platform logo"
    )
    | {"written by", "based on", "draft date", "total episodes"},
    "synopsis": words(
        "大纲 故事大纲 剧情大纲 全剧大纲 分集大纲 本集大纲 梗概 简介 故事梗概 剧情梗概 剧情简介 "
        "一句话故事 一句话梗概 故事简介 内容简介 "
        "主题 本集梗概 看点 本集看点 本场梗概 核心剧情 前情提要 核心设定 世界观 故事背景 "
        "synopsis outline logline summary story theme premise recap"
    ),
    "note": words("备注 注 注释 编者注 说明 提示 导演提示 制作提示 作者注 note notes n.b."),
    "camera": words(
        "特写 大特写 近景 中景 中近景 全景 远景 大远景 空镜 空镜头 镜头 画面 俯拍 仰拍 航拍 主观镜头 "
        "慢镜头 升格 推镜 拉镜 跟拍 摇镜 移镜 镜头语言 "
        "close-up closeup insert wide establishing"
    )
    | {
        "close up",
        "close on",
        "angle on",
        "wide shot",
        "extreme close-up",
        "slow motion",
        "aerial",
        "pov",
        "b-roll",
    },
    "cue": words(
        "字幕 黑屏字幕 片头字幕 片尾字幕 花字 音效 音乐 特效 背景音乐 bgm 配乐 插曲 旁注 道具 时间 "
        "地点 场景 天气 环境 片尾 片头 服装 化妆 服化道 造型 "
        "色调 光线 灯光 镜号 景别 运镜 时长 转场 音频 情绪 氛围 音频要素标签 场景目标 戏剧功能 "
        "场记锚点 表演提示 ★表演提示 系统提示 系统提示音 弹窗 "
        "屏幕文字 画面文字 标语 手机屏幕 音 声音 ♪ sfx vfx fx sound music caption subtitle super "
        "chyron location time"
    )
    | {
        "title card",
        "on screen",
        "text on screen",
        "on-screen text",
        "sound effect",
        "sound effects",
        "phone screen",
    },
}
_BY_WORD = {word: kind for kind, listed in _KINDS.items() for word in listed}
_CAMERA = re.compile(
    r"(?:镜头)?(?:推|拉|摇|移|跟|切)?(?:至|到)?(?:大?特写|[近中全远]景|空镜头?)$|镜头[^,。:]{0,8}$"
)
_ASPECT = words(
    "身份 年龄 性别 外形 外貌 形象 性格 背景 职业 身高 关系 口头禅 服装 造型 人设 时代 时代背景 风格 "
    "特征 looks age role"
)
_LABEL = re.compile(r"([^:]{1,24}?)\s{0,4}(?:\([^()]{0,20}\))?\s{0,4}:\s*")


@lru_cache(maxsize=512)
def label_of(text: str) -> tuple[str, str]:
    """(title | meta | synopsis | note | camera | cue | "", what stands behind it) of `字幕：三天后`.

    A story's label may stand alone, as `【故事梗概】` does.
    """
    bare = undress(text)[0]
    plain = fold(bare)
    if plain[:1] == "[" and "]" in plain[:24]:  # 【大纲】 and 【字幕】三天后
        close = plain.index("]")
        word = trim(plain[1:close]).casefold()
        if _BY_WORD.get(word) == "synopsis":
            return "synopsis", trim(bare[close + 1 :]).lstrip(":：")
        return "", ""
    match = _LABEL.match(plain)
    if match:
        kind = _BY_WORD.get(trim(match[1]).casefold(), "")
        return kind, trim(bare[match.end() :]) if kind else ""
    return ("synopsis", "") if _BY_WORD.get(plain.casefold()) == "synopsis" else ("", "")


def is_camera(text: str) -> bool:
    """Whether a bracket's words are the camera's: `特写`, `镜头推近`, `CLOSE ON`."""
    plain = trim(fold(text)).casefold()
    return _BY_WORD.get(plain) == "camera" or (len(plain) <= 14 and _CAMERA.match(plain) is not None)


def is_aspect(text: str) -> bool:
    """Whether a line of a profile tells one side of a person (`性格：倔强`), so that its label is nobody."""
    speech = split_speech(text)
    return speech is not None and speech.name.casefold() in _ASPECT
