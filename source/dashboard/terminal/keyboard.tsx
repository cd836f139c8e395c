import {type Key, useApp, useInput, usePaste} from 'ink';
import {useEffect} from 'react';

export type KeyboardProps = {
	onKey(input: string, key: Key): void;
	onPaste(text: string): void;
	/** Hands over how to give the terminal away for a while and take it back. */
	onReady(suspend: (callback: () => Promise<void>) => Promise<void>): void;
};

/** Passes keys and pastes on, and shows nothing. */
export function Keyboard({onKey, onPaste, onReady}: KeyboardProps) {
	const {suspendTerminal} = useApp();
	useInput(onKey);
	usePaste(onPaste);
	useEffect(() => {
		onReady(suspendTerminal);
	}, [onReady, suspendTerminal]);
	return null;
}
