import type {Network} from './cli/network.ts';
import type {Options} from './cli/options.ts';
import type {EngineParts} from './engine/engine.ts';
import type {Storage} from './engine/seams.ts';
import {createExtractor} from './extract/extractor.ts';
import {discardStorage} from './storage/discard.ts';
import {FileStorage, type FileStorageOptions} from './storage/files.ts';
import {streamStorage} from './storage/stream.ts';
import {createTransport} from './transport/transport.ts';

/** What all who save into a folder have in common. */
export type Folder = Required<Pick<FileStorageOptions, 'checksum' | 'claims' | 'recorded'>>;

/** What attempts are made with, in every thread that makes some. */
export async function openParts(
	options: Options,
	network: Network,
	folder: Folder,
): Promise<Pick<EngineParts, 'transport' | 'storage' | 'extractor'>> {
	const {header, cookie: _, netrc: __, ...rest} = options;
	return {
		transport: createTransport({...rest, ...network, headers: header}),
		storage: await storageFor(options, folder),
		extractor: createExtractor({fields: options.extract}),
	};
}

async function storageFor(options: Options, folder: Folder): Promise<Storage> {
	const {save, output, compressed, maxSize} = options;
	if (!save) return discardStorage;
	if (output === '-') return streamStorage(process.stdout);
	const files = new FileStorage({...options, ...folder});
	if (!compressed) return files;
	const {decodedStorage} = await import('./storage/decoded.ts');
	return decodedStorage(files, {maxSize});
}
