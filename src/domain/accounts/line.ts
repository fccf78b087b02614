/** Runs an act once those that came before it have ended. */
export type Line = <T>(act: () => Promise<T>) => Promise<T>;

/**
 * A line of those that lost a race for an account: within this process one of them at a time tries again. All
 * at once they would mostly make each other lose, and an act that takes longer than others, or one against which
 * an attacker sends many, might never win.
 */
export function newLine(): Line {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const turn = last.then(act);
    last = turn.catch(() => undefined);
    return turn;
  };
}
