"""The report's look: one style sheet, light and dark, for Latin and Chinese text."""

from __future__ import annotations

__all__ = ["CSS"]

CSS = """
:root{color-scheme:light dark;--bg:#f6f5f2;--card:#fff;--ink:#1d1c1a;--soft:#6b6862;--line:#e3e0d9;
--accent:#8a2f2a;--good:#1f7a4d;--warn:#9a6a00;--bad:#b3261e;--mute:#77736b;--good-bg:#e3f3ea;
--warn-bg:#fbf0d6;--bad-bg:#fbe4e2;--mute-bg:#eeece7;--lane:#efede8;
--text:"Inter","SF Pro Text","Segoe UI",system-ui,"PingFang SC","Hiragino Sans GB","Microsoft YaHei",
"Noto Sans SC","Noto Sans CJK SC",sans-serif}
@media (prefers-color-scheme:dark){:root{--bg:#151413;--card:#1f1e1c;--ink:#eeebe4;--soft:#a39e94;
--line:#35332f;--accent:#e58b7f;--good:#6fd3a0;--warn:#e8bf62;--bad:#ff8f86;--mute:#a39e94;
--good-bg:#163527;--warn-bg:#3a2f12;--bad-bg:#431d1a;--mute-bg:#2b2926;--lane:#292724}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 var(--text);overflow-wrap:anywhere}
main,header>div{max-width:1180px;margin:0 auto;padding:0 20px}
header{background:var(--card);border-bottom:1px solid var(--line);padding:28px 0 22px}
header .top{display:flex;gap:28px;align-items:flex-start}
header .words{flex:1;min-width:0}
header video{width:auto;max-width:320px;max-height:300px;border-radius:10px;background:#000;flex:none}
h1{font-size:30px;line-height:1.2;margin:2px 0 10px;font-weight:680;letter-spacing:-.01em}
h2{font-size:19px;margin:38px 0 12px;font-weight:650}
h3{font-size:14px;margin:22px 0 8px;color:var(--soft);font-weight:600}
.over{color:var(--soft);font-size:13px}
.facts{display:flex;flex-wrap:wrap;gap:8px 26px;margin:14px 0 0;padding:0}
.facts div{min-width:64px}.facts dt{font-size:12px;color:var(--soft)}
.facts dd{margin:0;font-size:18px;font-weight:600;font-variant-numeric:tabular-nums}
.pill{display:inline-block;border-radius:99px;padding:1px 10px;font-size:12.5px;font-weight:600;
white-space:nowrap;background:var(--mute-bg);color:var(--mute)}
.pill.passed,.pill.delivered{background:var(--good-bg);color:var(--good)}
.pill.warned{background:var(--warn-bg);color:var(--warn)}
.pill.failed,.pill.error,.pill.held{background:var(--bad-bg);color:var(--bad)}
.hold{background:var(--bad-bg);border-left:5px solid var(--bad);border-radius:8px;padding:14px 18px;
margin:20px auto 0;max-width:1140px}
.hold b.word{color:var(--bad);font-size:18px;letter-spacing:.04em;margin-right:10px}
.hold p{margin:4px 0 0}
.card{background:var(--card);border:1px solid var(--line);border-radius:12px}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:14px}
th{text-align:left;font-weight:600;color:var(--soft);font-size:12.5px;white-space:nowrap}
th,td{padding:9px 14px;border-bottom:1px solid var(--line);vertical-align:top}
tr:last-child td{border-bottom:0}
.checks table{min-width:860px}.checks td:first-child{min-width:170px}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td small,.small{color:var(--soft);font-size:12.5px}
code{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.sheet{display:grid;grid-template-columns:repeat(auto-fill,minmax(190px,1fr));gap:14px}
.sheet.wide{grid-template-columns:repeat(auto-fill,minmax(270px,1fr))}
.shot{overflow:hidden;display:flex;flex-direction:column}
.shot img,.shot .blank{width:100%;display:block;object-fit:cover;background:var(--lane)}
.shot .blank{display:flex;align-items:center;justify-content:center;color:var(--soft);font-size:13px}
.shot .in{padding:10px 12px 12px;font-size:13.5px}
.shot .id{display:flex;justify-content:space-between;gap:8px;font-weight:650}
.shot .id span:last-child{font-variant-numeric:tabular-nums;font-weight:500;color:var(--soft)}
.shot .how{color:var(--soft);font-size:12.5px;margin:1px 0 6px}
.shot p{margin:4px 0 0}.shot .who{color:var(--accent);font-weight:600}
.tl{padding:14px 0 10px}
.tl .inner{position:relative;margin:0 14px}
.tl .lane{position:relative;height:30px;background:var(--lane);border-radius:6px;margin:4px 0 8px}
.tl .name{font-size:12px;color:var(--soft);position:sticky;left:14px;display:inline-block}
.tl .b{position:absolute;top:2px;bottom:2px;border-radius:4px;font-size:11.5px;line-height:26px;
padding:0 5px;overflow:hidden;white-space:nowrap;text-overflow:ellipsis;color:#fff;min-width:2px}
.tl .b.sub{background:var(--card);color:var(--ink);border:1px solid var(--line);line-height:24px}
.tl .ticks{position:relative;height:18px;font-size:11px;color:var(--soft);
font-variant-numeric:tabular-nums}
.tl .ticks span{position:absolute;border-left:1px solid var(--line);padding-left:4px}
.cast{display:grid;grid-template-columns:repeat(auto-fill,minmax(330px,1fr));gap:14px}
.person{padding:14px}.person .faces{display:flex;gap:6px;flex-wrap:wrap;margin-bottom:10px}
.person img{width:68px;height:68px;object-fit:cover;border-radius:9px;background:var(--lane)}
.person b{font-size:16px}.swatch{display:inline-block;width:12px;height:12px;border-radius:3px;
border:1px solid var(--line);vertical-align:-1px;margin-right:3px}
.like{padding:14px 18px;margin-bottom:14px;display:flex;gap:26px;flex-wrap:wrap;align-items:center}
.like .pair{display:flex;gap:8px;align-items:center}
.like img{width:56px;height:56px;border-radius:8px;object-fit:cover}
.two{display:grid;grid-template-columns:1fr 1fr;gap:14px}
footer{color:var(--soft);font-size:12.5px;padding:34px 20px 46px;max-width:1180px;margin:0 auto}
@media (max-width:720px){header .top{flex-direction:column}.two{grid-template-columns:1fr}
h1{font-size:24px}th,td{padding:8px 10px}}
@media print{body{background:#fff}.card{break-inside:avoid}}
"""
