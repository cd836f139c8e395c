import {Box, type Key, Text, useApp, useInput, usePaste} from 'ink';
import {useEffect} from 'react';
import type {Frame} from './frame.ts';

export type DashboardProps = {
	frame: Frame;
	onKey(input: string, key: Key): void;
	onPaste(text: string): void;
	/** Hands over how to give the terminal away for a while and take it back. */
	onReady(suspend: (callback: () => Promise<void>) => Promise<void>): void;
};

/** Draws finished lines and passes keys on. One `<Text>` per line: Ink's cost grows with the number of its nodes. */
export function Dashboard({frame, onKey, onPaste, onReady}: DashboardProps) {
	const {suspendTerminal} = useApp();
	useInput(onKey);
	usePaste(onPaste);
	useEffect(() => {
		onReady(suspendTerminal);
	}, [onReady, suspendTerminal]);
	return (
		<Box flexDirection="column">
			{frame.lines.map((line, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: a line is its place on the screen, nothing moves
				<Text key={index} wrap="truncate">
					{line === '' ? ' ' : line}
				</Text>
			))}
		</Box>
	);
}
