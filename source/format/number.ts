/** `1037` → `1,037`, for whole numbers. `Intl.NumberFormat` does the same, but takes 12 ms of each start. */
export const count = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');

/** `1 page`, `3 pages` */
export const plural = (value: number, one: string, many = `${one}s`): string =>
	`${count(value)} ${value === 1 ? one : many}`;
