import {Static, Text, useApp, useInput, usePaste} from 'ink';
import {useEffect} from 'react';
import type {DashboardProps} from './dashboard.tsx';

/** Writes lines below each other and passes keys on, for a screen reader. */
export function Spoken({frame, onKey, onPaste, onReady}: DashboardProps) {
	const {suspendTerminal} = useApp();
	useInput(onKey);
	usePaste(onPaste);
	useEffect(() => {
		onReady(suspendTerminal);
	}, [onReady, suspendTerminal]);
	return <Static items={frame.lines}>{(line, index) => <Text key={index}>{line}</Text>}</Static>;
}
