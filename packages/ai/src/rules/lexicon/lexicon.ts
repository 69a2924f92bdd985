/**
 * What a language calls things, as data. Each value is a list of words or short phrases, written with `|` between them,
 * in lower case and without accents. Concepts (`restart`, `container`) are English words that manifests use too.
 */
export interface Lexicon {
  /** What people ask for. A verb that no action has is understood and refused. */
  readonly verbs: Readonly<Record<string, string>>;
  readonly nouns: Readonly<Record<string, string>>;
  /** Names of environments beside the configured ones, by tier. */
  readonly tiers: Readonly<Record<'dev' | 'stage' | 'prod', string>>;
  /** Nouns that say that a name is a place. */
  readonly places: string;
  /** Carry no meaning of their own. */
  readonly glue: string;
  /** Ways to be polite. */
  readonly polite: string;
  /** What one may call a thing beside its name, if the name stands there too. */
  readonly descriptors: string;
  /** Stand where a name should. */
  readonly vague: string;
  /** The thing that was spoken of before. */
  readonly pronouns: string;
  /** Join things or sentences. */
  readonly and: string;
  /** Begin a further step. */
  readonly next: string;
  /** What turns a sentence into something that no plan can say, by why it is refused. */
  readonly guards: Readonly<Record<Guard, string>>;
  readonly numbers: Readonly<Record<string, number>>;
  /** Units of time, by their letter in a duration. */
  readonly units: Readonly<Record<'s' | 'm' | 'h' | 'd', string>>;
}

/** Why a sentence cannot become a plan whatever else it says. */
export type Guard = 'negated' | 'conditional' | 'scheduled' | 'everything' | 'either' | 'bypass' | 'question';
