/** What Conjur's dry run says behind the faults that it has advice for. Clients show it, and test for it. */
const byProblem: ReadonlyMap<string, string> = new Map([
  [
    'block sequence entries are not allowed in this context',
    "This error can occur when you have an unnecessary '-' at the beginning of a line",
  ],
  [
    "could not find expected ':' while scanning a simple key",
    "This error can occur when you have a missing ':' or missing space after ':'",
  ],
  [
    "did not find expected '-' indicator while parsing a block collection",
    'This error can occur when you have an indentation problem',
  ],
  [
    'did not find expected whitespace or line break while scanning a tag',
    'Only one node can be defined per line.',
  ],
  ['Unexpected scalar', 'Please check the syntax for defining a new node.'],
]);

const byForm: readonly (readonly [RegExp, string])[] = [
  [/^found a tab character that violates indentation/, 'You must use spaces for indentation, not tabs.'],
  [
    /^Invalid IP address or CIDR range '[^']*'$/,
    'Make sure your address or range is in the correct format (e.g. 192.168.1.0 or 192.168.1.0/16)',
  ],
  [/ has a blank id$/, "Each resource must be identified using the 'id' field"],
  [/^Dependency cycle /, 'Try redefining one or both.'],
];

/** Conjur's advice for a problem; undefined where it has none. */
export function adviceFor(problem: string): string | undefined {
  return byProblem.get(problem) ?? byForm.find(([form]) => form.test(problem))?.[1];
}
