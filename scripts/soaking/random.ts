/** Random choices that a seed repeats. */
export interface Random {
  /** 0 to `below - 1`. */
  next(below: number): number;
  pick<Item>(items: readonly Item[]): Item;
}

/** The generator mulberry32: 32 bits of state are plenty for choosing what to do next. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (below: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
  return {
    next,
    pick: (items) => {
      const item = items[next(items.length)];
      if (item === undefined) throw new Error('there is nothing to pick from');
      return item;
    },
  };
}
