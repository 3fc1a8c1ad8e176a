/** The style of the page: light and dark, one column on a phone. */
export const style = `
:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --card: #fff; --text: #1b2330; --quiet: #5b6676; --line: #dfe3e9;
  --stored: #1f8a70; --present: #7f95b0; --planned: #7a5fc4; --refused: #d18a15; --failed: #c8372d;
  --bar: #3b6fb6; --mark: #1b2330; --cell: #3b6fb6; --on-cell: #fff; --missing: #ffc35c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12161c; --card: #1b212a; --text: #e6eaf0; --quiet: #9aa6b6; --line: #303846;
    --stored: #35b394; --present: #6b809b; --planned: #9d86e0; --refused: #e0a23a; --failed: #ea6a5f;
    --bar: #5b8fd6; --mark: #e6eaf0; --cell: #3c659c; --on-cell: #f2f5f9; --missing: #f0b045;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.45 system-ui, sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 24px 16px 48px; }
h1 { margin: 0; font-size: 24px; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 0 0 2px; font-size: 16px; }
p { margin: 0; }
.quiet { color: var(--quiet); font-size: 13px; overflow-wrap: anywhere; }
.verdict { display: flex; gap: 12px; align-items: baseline; margin: 16px 0; padding: 12px 16px;
  border-radius: 8px; background: var(--card); border-left: 6px solid var(--stored); }
.verdict.bad { border-color: var(--failed); }
.verdict b { white-space: nowrap; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(128px, 1fr)); gap: 12px; margin: 0; }
.tiles div, section { background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
.tiles div { padding: 10px 14px; }
.tiles dt { color: var(--quiet); font-size: 13px; }
.tiles dd.refused { color: var(--refused); } .tiles dd.failed { color: var(--failed); }
.tiles dd { margin: 0; font-size: 22px; font-variant-numeric: tabular-nums; white-space: nowrap; }
.grid { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 16px; margin-top: 16px; }
section { padding: 16px; min-width: 0; }
section.wide { grid-column: 1 / -1; }
svg { display: block; width: 100%; margin-top: 10px; }
svg svg { margin: 0; }
text { font: 12px system-ui, sans-serif; fill: var(--quiet); }
.label { paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round; }
.grid-line { stroke: var(--line); stroke-width: 1; }
.mark { stroke: var(--mark); stroke-width: 1; stroke-dasharray: 3 3; }
.mark-text { fill: var(--mark); }
.bar { fill: var(--bar); }
.stored { fill: var(--stored); } .present { fill: var(--present); } .planned { fill: var(--planned); }
.refused { fill: var(--refused); } .failed { fill: var(--failed); }
.cell { fill: var(--cell); stroke: var(--card); stroke-width: 1; }
.cell.others { fill-opacity: .6; }
.cell.many { fill: var(--failed); } .missing { fill: var(--missing); }
.part { fill: var(--cell); fill-opacity: .22; stroke: var(--card); stroke-width: 2; }
.cell-text { fill: var(--on-cell); }
.part-text { fill: var(--text); font-weight: 600; }
.key { display: flex; flex-wrap: wrap; gap: 4px 16px; margin-top: 8px; color: var(--quiet); font-size: 13px; }
.key span { display: inline-flex; align-items: center; gap: 6px; white-space: nowrap; }
.key svg { width: 10px; height: 10px; margin: 0; flex: none; }
table { width: 100%; margin-top: 10px; border-collapse: collapse; font-size: 14px; }
td, th { padding: 4px 0 4px 12px; border-top: 1px solid var(--line); text-align: left; vertical-align: top; }
td:first-child, th:first-child { padding-left: 0; }
th { color: var(--quiet); font-weight: 400; font-size: 13px; }
td.url { overflow-wrap: anywhere; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
a { color: inherit; text-decoration-color: var(--quiet); }
details { margin-top: 8px; border-top: 1px solid var(--line); padding-top: 8px; }
summary { cursor: pointer; }
summary b { font-variant-numeric: tabular-nums; }
summary svg { display: inline-block; width: 120px; height: 8px; margin: 0 8px 0 2px; vertical-align: middle; }
code { font: 0.92em ui-monospace, monospace; }
details p { margin: 6px 0 0; }
@media (max-width: 760px) {
  .roomy { display: none; }
  summary svg { width: 40px; }
  main { padding: 16px 10px 32px; }
  .grid { grid-template-columns: minmax(0, 1fr); gap: 12px; }
  .verdict { flex-direction: column; gap: 2px; }
  section { padding: 12px; }
}
@media print { body { background: none; } section, .tiles div { break-inside: avoid; } }
`;
