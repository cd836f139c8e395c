import {type AddressInfo, connect, createServer} from 'node:net';

/** Somebody else may take it between our looking and its listening. */
export async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	const {port} = server.address() as AddressInfo;
	await new Promise(resolve => server.close(resolve));
	return port;
}

/** Whether somebody listens there. */
export const answers = (port: number): Promise<boolean> =>
	new Promise(resolve => {
		const socket = connect(port, '127.0.0.1');
		socket.once('connect', () => resolve(Boolean(socket.destroy())));
		// A turn of the event loop later, or looking would be all that this machine does.
		socket.once('error', () => setImmediate(() => resolve(false)));
	});
