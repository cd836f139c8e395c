import {Static, Text} from 'ink';

/** Writes lines below each other, for a screen reader. */
export function Spoken({lines}: {lines: readonly string[]}) {
	return <Static items={[...lines]}>{(line, index) => <Text key={index}>{line}</Text>}</Static>;
}
