declare module 'wink-porter2-stemmer' {
  /** The stem of an English word in lower case (Porter's second algorithm). */
  function stem(word: string): string;
  export = stem;
}
