/** Lines that wait for the screen to go; undefined while there is none. */
let held: string[] | undefined;

let hear: ((message: string) => void) | undefined;

/** One line for a person, on stderr, at once or when nothing is drawn there any more. */
export function complain(message: string): void {
	const line = `fetchtop: ${message}\n`;
	if (held) held.push(line);
	else process.stderr.write(line);
	hear?.(message);
}

/** Tells them at once to whoever draws, too: what is held may be about hours that are being lost. @returns how to stop it */
export function hearComplaints(listener: (message: string) => void): () => void {
	hear = listener;
	return () => {
		hear = undefined;
	};
}

/** While a screen is drawn. What is written into it moves the cursor, and then every line of it is drawn in the wrong place. */
export function holdComplaints(): void {
	// Elsewhere they are in nobody's way.
	if (!process.stderr.isTTY || held) return;
	held = [];
	process.once('exit', releaseComplaints);
}

/** The screen is gone. */
export function releaseComplaints(): void {
	const lines = held ?? [];
	held = undefined;
	process.off('exit', releaseComplaints);
	for (const line of lines) process.stderr.write(line);
}
