/** The shop: eighteen products and twenty-four customers. All of them are invented. */
export interface Product {
  readonly id: string;
  readonly name: string;
  readonly category: string;
  /** Text, so that no digit is lost on the way. */
  readonly price: string;
}

export interface Customer {
  readonly id: string;
  readonly name: string;
  readonly city: string;
  readonly country: string;
  readonly discount?: number;
}

const articles: readonly (readonly [
  category: string,
  ...articles: readonly (readonly [name: string, price: string])[],
])[] = [
  ['CHAIR', ['Alder Chair', '89.90'], ['Juniper Armchair', '249.90'], ['Rowan Stool', '44.90']],
  ['DESK', ['Aspen Desk', '319.90'], ['Maple Standing Desk', '599.90'], ['Larch Secretaire', '429.90']],
  ['LAMP', ['Firefly Lamp', '39.90'], ['Glow-worm Floor Lamp', '129.90'], ['Lantern No. 3', '74.90']],
  ['SHELF', ['Birch Shelf', '119.90'], ['Hazel Bookcase', '279.90'], ['Elder Wall Board', '34.90']],
  ['SOFA', ['Willow Sofa', '899.90'], ['Linden Daybed', '649.90'], ['Poplar Corner Sofa', '1499.90']],
  ['TABLE', ['Oak Table', '749.90'], ['Ash Side Table', '99.90'], ['Cherry Folding Table', '199.90']],
];

export const products: readonly Product[] = articles
  .flatMap(([category, ...lines]) => lines.map(([name, price]) => ({ category, name, price })))
  .map((product, index) => ({ id: `p${index + 1}`, ...product }));

type Line = readonly [name: string, city: string, country: string, discount?: number];

const people: readonly Line[] = [
  ['Ada Lindgren', 'Uppsala', 'SE'],
  ['Bruno Keller', 'Bern', 'CH', 5],
  ['Chiara Conti', 'Bologna', 'IT'],
  ['Daan de Wit', 'Utrecht', 'NL'],
  ['Eszter Varga', 'Szeged', 'HU'],
  ['Freya Nilsen', 'Bergen', 'NO'],
  ['Hotel Gisela', 'Munich', 'DE', 15],
  ['Henri Moreau', 'Nantes', 'FR'],
  ['Iva Horvat', 'Split', 'HR'],
  ['Jonas Brandt', 'Bremen', 'DE'],
  ['Katya Ivanova', 'Plovdiv', 'BG'],
  ['Liam Byrne', 'Galway', 'IE'],
  ['Marta Duarte', 'Braga', 'PT', 5],
  ['Niko Virtanen', 'Tampere', 'FI'],
  ['Olga Nowak', 'Poznań', 'PL'],
  ['Café Piedra', 'Valencia', 'ES', 12],
  ['Quentin Leroy', 'Liège', 'BE'],
  ['Rosa Gruber', 'Linz', 'AT'],
  ['Studio Sýkora', 'Brno', 'CZ', 10],
  ['Tomas Petraitis', 'Kaunas', 'LT'],
  ['Una Kalniņa', 'Liepāja', 'LV'],
  ['Viktor Kask', 'Tartu', 'EE'],
  ['Wiebke Hansen', 'Odense', 'DK'],
  ['Zoe Papadaki', 'Chania', 'GR'],
];

export const customers: readonly Customer[] = people.map(([name, city, country, discount], index) => ({
  id: `c${index + 1}`,
  name,
  city,
  country,
  ...(discount === undefined ? {} : { discount }),
}));
