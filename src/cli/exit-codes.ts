/** How a command ended. docs/cli.md shows this table; a test compares them. */
export const exits = {
  done: { code: 0, meaning: 'Done.' },
  refused: { code: 1, meaning: 'The server refused the request or failed, or the service could not start.' },
  usage: { code: 2, meaning: 'The command, an option, a setting or an input is missing or wrong.' },
  'not-logged-in': { code: 3, meaning: 'There are no credentials, or the server does not accept them.' },
  unreachable: {
    code: 4,
    meaning: 'The server could not be reached or did not answer in time, or its certificate is not trusted.',
  },
  files: { code: 5, meaning: 'A file of the command line itself cannot be read, written or trusted.' },
  fault: { code: 70, meaning: 'A fault in Latchkey itself.' },
  interrupted: { code: 130, meaning: 'Interrupted at a prompt.' },
} as const satisfies Readonly<Record<string, { readonly code: number; readonly meaning: string }>>;

export type Exit = keyof typeof exits;

export function isExit(name: string): name is Exit {
  return Object.hasOwn(exits, name);
}

/**
 * A failure that the user is told of: what failed, why, and what to do about it. The text
 * never holds a secret.
 */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exit: Exit;

  constructor(exit: Exit, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.exit = exit;
  }
}

/** The `code` that Node.js and its libraries give to their errors; empty without one. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
