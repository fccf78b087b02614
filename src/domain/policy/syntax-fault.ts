export interface Line {
  readonly offset: number;
  readonly text: string;
  /** White space before the text. */
  readonly indent: number;
}

/** Where the YAML parser gave up, and what is around it. */
export interface Fault {
  /** What the parser says, in the words of its library. */
  readonly reason: string;
  readonly offset: number;
  readonly line: Line;
  /** The line before and from the fault. */
  readonly head: string;
  readonly rest: string;
  /** The lines above that are neither blank nor comments, nearest first. */
  readonly above: readonly Line[];
}

export interface Finding {
  readonly offset: number;
  readonly problem: string;
  readonly advice: string;
}

/** Explains a fault that it recognizes. */
export type Rule = (fault: Fault) => Finding | undefined;

export function finding(offset: number, problem: string, advice: string): Finding {
  return { offset, problem, advice };
}
