export const missingColon = "could not find expected ':' while scanning a simple key";

/** What a reason of the YAML library means, where the reason alone says it. */
export const byReason: readonly (readonly [pattern: RegExp, problem: string, advice: string])[] = [
  [
    /^null byte|non-printable|valid JSON character/,
    'control characters are not allowed',
    'Take the character out of the text',
  ],
  [
    /escape sequence|hexadecimal character/,
    'found unknown escape character while parsing a quoted scalar',
    'In double quotes, write a backslash as two; or use single quotes',
  ],
  [
    /^duplication of a tag/,
    'a value can have only one tag',
    'Only one node can be defined per line: begin the next one with a dash on a line of its own',
  ],
  [/^duplication of an anchor/, 'a value can have only one anchor', 'Leave one of them out'],
  [
    /^alias node should not/,
    'an alias takes no tag and no anchor',
    "Write '*name' alone; quote a text that begins with an asterisk",
  ],
  [
    /^name of an alias/,
    'did not find expected alphabetic or numeric character while scanning an alias',
    'Quote a text that begins with an asterisk',
  ],
  [
    /^name of an anchor/,
    'did not find expected alphabetic or numeric character while scanning an anchor',
    "Quote a text that begins with '&'",
  ],
  [
    /tag (?:suffix|name|handle)|verbatim tag/,
    'did not find expected whitespace or line break while scanning a tag',
    'Leave a blank behind the tag; a tag is an exclamation mark and the name of a type, such as !user',
  ],
  [/directive/, 'found a directive that is not allowed', "Take out the lines that begin with '%'"],
  [
    /line break is expected|chomping|indentation width/,
    'did not find expected comment or line break while scanning a block scalar',
    "Put the text below '|' or '>', indented; quote a text that begins with one of them",
  ],
  [
    /^expected the node content/,
    'did not find expected node content while parsing a flow node',
    'Take out the comma that has nothing before it',
  ],
  [
    /separator is expected|^a whitespace character is expected after the key/,
    missingColon,
    "Leave a blank behind the colon: write 'name: value'",
  ],
];
