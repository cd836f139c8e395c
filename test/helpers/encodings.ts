import iconv from 'iconv-lite';

/**
 * Every encoding of the Encoding standard with all its labels (https://encoding.spec.whatwg.org/#names-and-labels), and a title
 * that only it, or few others, can write. `iconv`: the name under which iconv-lite has it.
 */
export const encodings: ReadonlyArray<{name: string; labels: string; title?: string; iconv?: string}> = [
	{name: 'ibm866', labels: '866 cp866 csibm866 ibm866', title: 'Главная страница ║ Ёлка', iconv: 'cp866'},
	{
		name: 'utf-8',
		labels: 'unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8',
		title: '新浪首页 – Café 😀',
		iconv: 'utf8',
	},
	{
		name: 'iso-8859-2',
		labels: 'csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2',
		title: 'Žluťoučký kůň - Łódź',
		iconv: 'iso88592',
	},
	{
		name: 'iso-8859-3',
		labels: 'csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3',
		title: 'Ħamrun Ĝis ŝaŭmas',
		iconv: 'iso88593',
	},
	{
		name: 'iso-8859-4',
		labels: 'csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4',
		title: 'Ąžuolas Ēdiens ŋ',
		iconv: 'iso88594',
	},
	{
		name: 'iso-8859-5',
		labels: 'csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988',
		title: 'Главна страна Њушка',
		iconv: 'iso88595',
	},
	{
		name: 'iso-8859-6',
		labels:
			'arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6 iso-8859-6-e iso-8859-6-i iso-ir-127 iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987',
		title: 'الصفحة الرئيسية',
		iconv: 'iso88596',
	},
	{
		name: 'iso-8859-7',
		labels:
			'csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 iso8859-7 iso88597 iso_8859-7 iso_8859-7:1987 sun_eu_greek',
		title: 'Κύρια σελίδα ΄',
		iconv: 'iso88597',
	},
	{
		name: 'iso-8859-8',
		labels:
			'csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-ir-138 iso8859-8 iso88598 iso_8859-8 iso_8859-8:1988 visual',
		title: 'עמוד ראשי',
		iconv: 'iso88598',
	},
	{
		name: 'iso-8859-10',
		labels: 'csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6',
		title: 'Þingvellir Đorđe ŋ',
		iconv: 'iso885910',
	},
	{name: 'iso-8859-13', labels: 'iso-8859-13 iso8859-13 iso885913', title: 'Žemaitė “Ąžuolas„', iconv: 'iso885913'},
	{name: 'iso-8859-14', labels: 'iso-8859-14 iso8859-14 iso885914', title: 'Ŵyneb Ḃaile Ẁ', iconv: 'iso885914'},
	{
		name: 'iso-8859-15',
		labels: 'csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9',
		title: 'Œuvre 5 € Žižka',
		iconv: 'iso885915',
	},
	{name: 'iso-8859-16', labels: 'iso-8859-16', title: 'Țară Știri €', iconv: 'iso885916'},
	{name: 'koi8-r', labels: 'cskoi8r koi koi8 koi8-r koi8_r', title: 'Главная страница ║', iconv: 'koi8r'},
	{name: 'koi8-u', labels: 'koi8-ru koi8-u', title: 'Їжак і ґанок Є', iconv: 'koi8u'},
	{name: 'macintosh', labels: 'csmacintosh mac macintosh x-mac-roman', title: 'Café ﬁancée π', iconv: 'macintosh'},
	{
		name: 'windows-874',
		labels: 'dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874',
		title: 'หน้าแรก – ไทย',
		iconv: 'windows874',
	},
	{name: 'windows-1250', labels: 'cp1250 windows-1250 x-cp1250', title: 'Źródło „Žižka“ €', iconv: 'windows1250'},
	{
		name: 'windows-1251',
		labels: 'cp1251 windows-1251 x-cp1251',
		title: 'Новости России — «Ёж» №1',
		iconv: 'windows1251',
	},
	{
		name: 'windows-1252',
		labels:
			'ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252',
		title: 'Café “Zoë” – 5 €',
		iconv: 'windows1252',
	},
	{name: 'windows-1253', labels: 'cp1253 windows-1253 x-cp1253', title: 'Ελλάδα – Άρθρο €', iconv: 'windows1253'},
	{
		name: 'windows-1254',
		labels:
			'cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 latin5 windows-1254 x-cp1254',
		title: 'İstanbul’da ğüş €',
		iconv: 'windows1254',
	},
	{name: 'windows-1255', labels: 'cp1255 windows-1255 x-cp1255', title: 'שָׁלוֹם ₪', iconv: 'windows1255'},
	{name: 'windows-1256', labels: 'cp1256 windows-1256 x-cp1256', title: 'صفحه گپچ €', iconv: 'windows1256'},
	{name: 'windows-1257', labels: 'cp1257 windows-1257 x-cp1257', title: 'Žemaitė – Ķīmija €', iconv: 'windows1257'},
	{name: 'windows-1258', labels: 'cp1258 windows-1258 x-cp1258', title: 'Tiếng Việt ₫', iconv: 'windows1258'},
	{
		name: 'gbk',
		labels: 'chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk',
		title: '镕基与喆',
		iconv: 'gbk',
	},
	{name: 'gb18030', labels: 'gb18030', title: '𠀀龍 中文', iconv: 'gb18030'},
	{name: 'big5', labels: 'big5 big5-hkscs cn-big5 csbig5 x-x-big5', title: '雅虎奇摩：臺灣', iconv: 'big5'},
	{name: 'euc-jp', labels: 'cseucpkdfmtjapanese euc-jp x-euc-jp', title: '日本語のホームページ', iconv: 'eucjp'},
	{
		name: 'shift_jis',
		labels: 'csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis',
		title: '価格 ①髙島屋 ｱｲｳ',
		iconv: 'shiftjis',
	},
	{
		name: 'euc-kr',
		labels: 'cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 windows-949',
		title: '똠방각하 한국어',
		iconv: 'cp949',
	},
	{name: 'utf-16be', labels: 'unicodefffe utf-16be', title: '新浪首页 é', iconv: 'utf16-be'},
	{
		name: 'utf-16le',
		labels: 'csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le',
		title: '新浪首页 é',
		iconv: 'utf16-le',
	},
	{name: 'x-user-defined', labels: 'x-user-defined'},
	{name: 'iso-2022-jp', labels: 'csiso2022jp iso-2022-jp', title: '日本語の題'},
	{name: 'replacement', labels: 'csiso2022kr hz-gb-2312 iso-2022-cn iso-2022-cn-ext iso-2022-kr replacement'},
	{name: 'iso-8859-8-i', labels: 'csiso88598i iso-8859-8-i logical', title: 'עמוד ראשי', iconv: 'iso88598'},
	{
		name: 'x-mac-cyrillic',
		labels: 'x-mac-cyrillic x-mac-ukrainian',
		title: 'Главная страница ї',
		iconv: 'maccyrillic',
	},
];

/** By iconv-lite, which has tables of its own; it lacks only Japanese in 7 bits (here from Python). */
export function encode(text: string, name: string): Buffer {
	if (name === 'iso-2022-jp') return Buffer.from(text.replaceAll('日本語の題', '\x1b$BF|K\\8l$NBj\x1b(B'), 'latin1');
	const {iconv: codec = name} = encodings.find(encoding => encoding.name === name) ?? {};
	return iconv.encode(text, codec);
}
