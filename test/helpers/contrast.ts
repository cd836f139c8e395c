/** Relative luminance, and the contrast of two colors, as WCAG 2.2 defines them. */
function luminance(color: string): number {
	const [red = 0, green = 0, blue = 0] = partsOf(color)
		.map(part => part / 255)
		.map(part => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const partsOf = (color: string): number[] => [1, 3, 5].map(at => Number.parseInt(color.slice(at, at + 2), 16));

/** Of two colors like `#1f2328`; 4.5 is what WCAG asks for text. */
export function contrast(one: string, other: string): number {
	const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
	return (light + 0.05) / (dark + 0.05);
}

/** What is seen of a color that lets so much of itself through. @param share from 0 to 1 */
export function over(background: string, color: string, share: number): string {
	const [below, above] = [partsOf(background), partsOf(color)];
	const mixed = above.map((part, index) => Math.round(part * share + (below[index] ?? 0) * (1 - share)));
	return `#${mixed.map(part => part.toString(16).padStart(2, '0')).join('')}`;
}
