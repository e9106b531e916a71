/** How the page of a plan looks: light and dark, on a screen of any width and on paper. */
export const STYLE = `
:root { color-scheme: light dark;
  --back: #fff; --text: #1b1f24; --soft: #57606a; --line: #d0d7de; --panel: #f6f8fa; --link: #0550ae;
  --new: #1a7f37; --joined: #9a6700; --host: #6e7781; --kernel: #0550ae; --memory: #8250df;
  --bind: #bc4c00; --masked: #57606a; --bar: #54aeff; --mark: #fff8c5; }
@media (prefers-color-scheme: dark) { :root {
  --back: #0d1117; --text: #e6edf3; --soft: #9198a1; --line: #3d444d; --panel: #151b23; --link: #79c0ff;
  --new: #3fb950; --joined: #d29922; --host: #8b949e; --kernel: #58a6ff; --memory: #bc8cff;
  --bind: #f0883e; --masked: #8b949e; --bar: #1f6feb; --mark: #3b2e00; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1rem 1.5rem 4rem; background: var(--back);
  color: var(--text); font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; }
h1 { font-size: 1.7rem; margin: 0.5rem 0; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 0.5rem; border-bottom: 1px solid var(--line); }
a { color: var(--link); }
code, pre, .at, .values, svg .strong { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 0.85em; }
nav a { margin-right: 1.2em; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.1rem 1rem; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
svg { display: block; width: 100%; min-width: 46rem; height: auto; }
figure { margin: 1rem 0; } figcaption { color: var(--soft); }
.wide { overflow-x: auto; }
svg text { fill: var(--text); font-size: 13px; } svg .small { font-size: 12px; fill: var(--soft); }
svg .strong { font-weight: 600; } svg .end { text-anchor: end; }
svg .box { fill: var(--panel); stroke: var(--line); } svg .inside { stroke: var(--new); stroke-width: 1.5; }
.ns rect { fill-opacity: 0.18; stroke-width: 1.2; }
.ns.new rect { fill: var(--new); stroke: var(--new); }
.ns.joined rect { fill: var(--joined); stroke: var(--joined); }
.ns.host rect { fill: var(--host); stroke: var(--host); stroke-dasharray: 4 3; }
.branch { fill: none; stroke: var(--line); stroke-width: 1.4; }
.mount.root rect { fill: var(--new); } .mount.kernel rect { fill: var(--kernel); }
.mount.memory rect { fill: var(--memory); } .mount.host rect { fill: var(--bind); }
.mount.other rect { fill: var(--joined); }
.mount.masked rect, .mount.readonly rect { fill: none; stroke: var(--masked); stroke-width: 1.6; }
.mount.masked rect { fill: var(--masked); } .covered text { text-decoration: line-through; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; color: var(--soft); padding: 0.3rem 0; }
th, td { text-align: left; vertical-align: top; padding: 0.35rem 0.6rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
thead th { border-bottom-width: 2px; } th[scope=row], td { font-weight: normal; }
#plan tbody th[scope=rowgroup] { background: var(--panel); font-weight: 600; padding-top: 0.8rem; }
#plan td:first-child { color: var(--soft); text-align: right; } #plan thead th { white-space: nowrap; }
#plan .name { font-weight: 600; } .why { color: var(--soft); font-size: 0.9em; }
.who { white-space: nowrap; font-size: 0.85em; } .who.host { color: var(--bind); } .who.helper { color: var(--new); }
.syscall { min-width: 9rem; } .at { min-width: 8rem; }
.time { white-space: nowrap; text-align: right; min-width: 5rem; }
.time span { display: block; height: 4px; margin-left: auto; background: var(--bar); border-radius: 2px; }
summary { cursor: pointer; color: var(--soft); font-size: 0.85em; }
.values { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0.2rem 0; max-height: 16rem; overflow-y: auto; }
#config pre { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: 0.6rem 0;
  max-height: 32rem; overflow: auto; margin: 0; counter-reset: line; }
#config code { display: block; padding: 0 1rem 0 4.5rem; position: relative; min-height: 1.5em; white-space: pre-wrap; overflow-wrap: anywhere; font-size: 1em; }
#config code::before { counter-increment: line; content: counter(line); position: absolute; left: 0; width: 3.6rem; text-align: right; color: var(--soft); }
:target { background: var(--mark); }
.warnings li { margin: 0.3rem 0; }
@media print { body { max-width: none; } #config pre, .values { max-height: none; } }
`;
