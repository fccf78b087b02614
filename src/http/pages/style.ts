/** The one stylesheet of the pages. Colours keep a contrast of 4.5 to 1 or more in both schemes. */
export const stylesheet = `:root {
  color-scheme: light dark;
  --page: #f3f4f6;
  --card: #ffffff;
  --text: #17202a;
  --quiet: #46515e;
  --line: #7b8794;
  --accent: #1d4ed8;
  --on-accent: #ffffff;
  --failure: #a4161a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12161b;
    --card: #1c222a;
    --text: #eef1f5;
    --quiet: #b4bfcb;
    --line: #7b8794;
    --accent: #8ab4ff;
    --on-accent: #0b1830;
    --failure: #ff9a9a;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0;
  min-height: 100vh;
  display: grid;
  place-items: center;
  padding: 1rem;
  background: var(--page);
  color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif;
}
main {
  width: min(26rem, 100%);
  padding: 2rem;
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: .75rem;
}
.brand { margin: 0; color: var(--quiet); font-weight: 600; letter-spacing: .02em; }
h1 { margin: .25rem 0 1rem; font-size: 1.5rem; line-height: 1.25; }
h2 { margin: 1.5rem 0 .5rem; font-size: 1rem; font-weight: 400; color: var(--quiet); text-align: center; }
p, li { overflow-wrap: anywhere; }
label { display: block; margin-top: 1rem; font-weight: 600; }
input {
  width: 100%;
  margin-top: .25rem;
  padding: .6rem .75rem;
  font: inherit;
  color: inherit;
  background: var(--page);
  border: 1px solid var(--line);
  border-radius: .4rem;
}
button, .button {
  display: block;
  width: 100%;
  margin-top: 1rem;
  padding: .65rem 1rem;
  font: inherit;
  font-weight: 600;
  text-align: center;
  text-decoration: none;
  color: var(--text);
  background: transparent;
  border: 1px solid var(--line);
  border-radius: .4rem;
  cursor: pointer;
}
button.main { color: var(--on-accent); background: var(--accent); border-color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.failure { padding: .75rem; color: var(--failure); border: 1px solid var(--failure); border-radius: .4rem; }
.links { list-style: none; margin: 0; padding: 0; }
.links .button { margin-top: .5rem; }
.cancel button { border-color: transparent; color: var(--quiet); }
@media (prefers-contrast: more) { main, input, button, .button { border-width: 2px; border-color: currentColor; } }
`;
