import {Command, Option} from 'commander';

/** commander's guess at what an unknown name was meant to be. */
export function suggestion(name: string, names: Iterable<string>): string | undefined {
	const program = new Command()
		.helpOption(false)
		.exitOverride()
		.configureOutput({outputError() {}});
	for (const known of names) program.addOption(new Option(`--${known} <value>`));
	try {
		program.parse([`--${name}`], {from: 'user'});
	} catch (error) {
		return /Did you mean (?:one of )?--([\w-]+)/.exec(error instanceof Error ? error.message : '')?.[1];
	}
	return undefined;
}
