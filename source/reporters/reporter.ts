import type {AnyEngine} from '../engine/engine.ts';

/** Something that tells of a run. `start` may draw; `finish` restores what it changed. Both always run. */
export type Reporter = {
	start(engine: AnyEngine): void;
	finish(): Promise<void>;
	/** For a screen a person leaves when they are done with it: resolves then, and rejects if the screen broke. */
	left?: Promise<void>;
};

/** Where text goes. */
export type TextSink = {write(text: string): unknown};
