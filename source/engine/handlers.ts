/** What is done for each type of message. */
export type Handlers<Message extends {type: string}> = {
	[Type in Message['type']]: (message: Extract<Message, {type: Type}>) => void;
};

export function handle<Message extends {type: string}>(handlers: Handlers<Message>, message: Message): void {
	// TypeScript does not see that the two belong together.
	(handlers[message.type as Message['type']] as (message: Message) => void)(message);
}
