import type {Figures} from './figures.ts';

/** A sentence, and how much of what was measured it explains: from 0 to 100. */
export type Told = {weight: number; text: string};

/** Undefined where the figures do not say so. It sees no figure of a lane whose limit was changed by key. */
export type Rule = (figures: Figures) => Told | undefined;
