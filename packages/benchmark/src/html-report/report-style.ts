/** The report's style sheet: colours as variables, light where nothing says and on paper, dark where the reader's system is. */
export const REPORT_STYLE: string = `
:root{color-scheme:light dark;--back:#fff;--text:#1b1f24;--soft:#57606a;--line:#d0d7de;--panel:#f6f8fa;--ours:#0072b2;--naive:#8a6d00;--self:#5b5b6b;--good:#00654a;--bad:#a40e26;--badback:#ffe3e6}
@media screen and (prefers-color-scheme:dark){:root{--back:#14171c;--text:#e6e9ee;--soft:#a0a8b4;--line:#39414d;--panel:#1d222a;--ours:#56b4e9;--naive:#e6c84f;--self:#b5b5c6;--good:#3fcf9f;--bad:#ff8f9c;--badback:#4a1019}}
@media print{:root{color-scheme:light}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1240px;padding:16px 20px 48px;background:var(--back);color:var(--text);font:15px/1.45 system-ui,sans-serif}
h1{font-size:1.6rem;margin:.4em 0}h2{font-size:1.2rem;margin:2em 0 .5em;border-bottom:1px solid var(--line);padding-bottom:.2em}
small{display:block;color:var(--soft);font-size:.8rem}code{font:.86rem/1.4 ui-monospace,monospace;overflow-wrap:anywhere}
nav{margin:1em 0}nav a{margin-right:1em;color:var(--ours)}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:middle;padding:5px 8px;border-bottom:1px solid var(--line);font-weight:400;overflow-wrap:break-word}
thead th{color:var(--soft);font-size:.8rem}
.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.results .drawing{padding:0;width:260px}
.results tr.naive th,.results tr.naive td{background:var(--panel);color:var(--soft)}
.range{color:var(--soft);font-size:.85rem;display:inline-block;margin-left:8px}.none{color:var(--soft)}
.label{border:1px solid currentcolor;border-radius:3px;padding:0 4px;font-size:.78rem;color:var(--naive)}
.good{color:var(--good)}.bad{color:var(--bad);font-weight:700}
.invalid{border:2px solid var(--bad);background:var(--badback);color:var(--bad);padding:4px 16px;border-radius:6px;font-size:1.05rem}
.valid{border-left:4px solid var(--good);padding-left:12px}
.facts span{display:inline-block;background:var(--panel);border:1px solid var(--line);border-radius:12px;padding:1px 10px;margin:0 8px 4px 0}
dl{display:flex;flex-wrap:wrap;gap:4px 24px;margin:.6em 0}dl div{display:flex;gap:8px}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.forest{display:block;max-width:100%}.forest text{font:11px system-ui,sans-serif;fill:var(--soft)}.forest text.one{fill:var(--text);font-weight:700}
.forest line{stroke:var(--line)}.forest line.one{stroke:var(--text);stroke-width:1.3}.forest .budget{stroke:var(--bad);stroke-width:2}
.forest g line{stroke-width:2}.forest .peer{fill:var(--ours)}.forest .peer line{stroke:var(--ours)}
.forest .self{fill:var(--self)}.forest .self line{stroke:var(--self)}.forest .naive{fill:none;stroke:var(--naive);stroke-width:1.5}.forest .naive line{stroke:var(--naive)}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,520px),1fr));gap:24px}
figure{margin:0;padding:12px;border:1px solid var(--line);border-radius:6px;min-width:0;break-inside:avoid}figcaption{font-weight:600}figcaption small{font-weight:400}
.canvas{position:relative;height:320px;margin-top:8px}summary{cursor:pointer;color:var(--soft)}
.reading li{margin:.3em 0;max-width:80ch}
@media (max-width:900px){body{padding:8px 12px 32px}.results .drawing{width:190px}.forest text{font-size:13px}.range{display:block;margin:0}th,td{padding:4px 5px}}
@media print{html{font-size:11px}body{max-width:none;font-size:11px;padding:0}.canvas{height:230px}.canvas canvas{max-width:100%}.forest text{font-size:14px}.plots{grid-template-columns:1fr 1fr;gap:12px}tr{break-inside:avoid}.results .drawing{width:190px}nav,summary{display:none}h2{break-after:avoid}}
`;
