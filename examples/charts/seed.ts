/** The catalogue: forty artists with three songs each. All of them are invented. */
export interface Artist {
  readonly id: string;
  readonly name: string;
  readonly country: string;
  readonly formedIn: number;
}

export interface Song {
  readonly id: string;
  readonly title: string;
  readonly isrc: string;
  readonly genre: string;
  readonly durationMs: number;
  readonly artistId: string;
  readonly likes: number;
}

type Line = readonly [name: string, country: string, formedIn: number, genre: string, ...titles: string[]];

const catalogue: readonly Line[] = [
  ['Velvet Harbour', 'GB', 2009, 'POP', 'Tidelines', 'Paper Lanterns', 'Nobody on the Pier'],
  ['The Quiet Arcade', 'US', 2012, 'ROCK', 'Coin Slot Heart', 'Closing Time Again', 'Static Parade'],
  ['Mirela Stanek', 'CZ', 2016, 'ELECTRONIC', 'Night Tram 22', 'Glass Elevator', 'Slow Voltage'],
  ['Kofi Amankwah', 'GH', 2011, 'SOUL', 'Sunday in Osu', 'Carry Me Gently', 'Golden Hour Road'],
  ['Hana Morikawa', 'JP', 2014, 'JAZZ', 'Rain on Kagurazaka', 'Blue Umbrella', 'Second Train Home'],
  ['Northern Kiln', 'NO', 2007, 'FOLK', 'Ash and Birch', 'The Ferryman’s Daughter', 'Lantern Snow'],
  ['DJ Paloma Ruiz', 'ES', 2018, 'ELECTRONIC', 'Azotea', 'Mediodía', 'Luz de Neón'],
  ['Caspian Drive', 'US', 2004, 'ROCK', 'Ninety Miles of Dust', 'Radio Silence', 'Left at the Motel'],
  ['Amara Okonjo', 'NG', 2017, 'POP', 'Lagos to London', 'Say It Softly', 'Indigo'],
  ['Quartet Lindqvist', 'SE', 1998, 'CLASSICAL', 'Sarabande in Grey', 'Winter Canon', 'Three Lakes: Andante'],
  ['Brickfield Cartel', 'GB', 2013, 'HIPHOP', 'Night Bus Gospel', 'Corner Shop Kings', 'Receipts'],
  ['Isla Verano', 'MX', 2015, 'POP', 'Palmeras', 'Carta sin Sello', 'Verano Eterno'],
  ['Ferro & Fiore', 'IT', 2010, 'JAZZ', 'Via dei Gatti', 'Espresso alle Tre', 'Nebbia'],
  ['Salt Meridian', 'AU', 2008, 'ROCK', 'Long Paddock', 'Saltwater Hymn', 'Southern Cross Motel'],
  ['Yuna Tadeo', 'PH', 2019, 'SOUL', 'Monsoon Letters', 'Barefoot', 'Every Kind of Blue'],
  ['The Cartographers', 'IE', 2006, 'FOLK', 'Here Be Dragons', 'Map of Your Hands', 'Coastline'],
  ['Zinc Orchard', 'DE', 2011, 'ELECTRONIC', 'Kaltlicht', 'Ringbahn', 'Nachtschicht'],
  ['Malik Fontaine', 'FR', 2016, 'HIPHOP', 'Banlieue Bleue', 'Dernier Métro', 'Papier Monnaie'],
  ['Odessa Grey', 'US', 2001, 'SOUL', 'Church Street, 1969', 'Honey in the Radio', 'Forgive the Rain'],
  ['Lumen Choir', 'EE', 1995, 'CLASSICAL', 'Vesper for the Baltic', 'Aurora Motet', 'Song of the Bog'],
  ['Paper Tigers Club', 'KR', 2020, 'POP', 'Seoul Satellite', 'Screen Time', 'Heart on Mute'],
  ['Rua Augusta', 'PT', 2009, 'FOLK', 'Elétrico 28', 'Saudade Moderna', 'A Janela'],
  ['Copper Saints', 'CA', 2003, 'ROCK', 'Frozen Lake Road', 'Great Slave', 'Diesel Hymnal'],
  ['Priya Venkataraman', 'IN', 2013, 'JAZZ', 'Raga for Brass', 'Marine Drive', 'Monsoon Standard'],
  ['Tundra FM', 'FI', 2014, 'ELECTRONIC', 'Polar Night Radio', 'Sauna Disco', 'Ice Modem'],
  ['Solomon Pike', 'JM', 1999, 'SOUL', 'Hilltop Sermon', 'One Drop Morning', 'Harbour Light'],
  ['Las Hermanas Quispe', 'PE', 2005, 'FOLK', 'Altiplano', 'Cóndor de Papel', 'Luna de Sal'],
  ['Kid Umbrella', 'US', 2021, 'HIPHOP', 'Bodega Astronaut', 'Group Chat', 'Lost AirPod Blues'],
  ['Anselm Reuter', 'AT', 1989, 'CLASSICAL', 'Nocturne No. 4', 'Étude for Two Windows', 'Wiener Regen'],
  ['Opal Static', 'NZ', 2017, 'POP', 'Southerly', 'Greenstone', 'Rental Car'],
  ['Bairro Elétrico', 'BR', 2012, 'ELECTRONIC', 'Terceiro Mundo FM', 'Chuva de Verão', 'Feira'],
  ['Hollow Pines', 'US', 2010, 'FOLK', 'Cabin Fever Waltz', 'Appalachian Time', 'Woodsmoke'],
  ['Nadia Rahimi', 'NL', 2018, 'POP', 'Bicycle Thieves', 'Canal Street Girl', 'Half Past You'],
  ['Basement Philharmonic', 'PL', 2002, 'CLASSICAL', 'Concerto for Lift Shaft', 'Praga Lullaby', 'Tin Overture'],
  ['Ezekiel Stone Trio', 'US', 1996, 'JAZZ', 'Back Room Blues', 'Third Set', 'Whisper to the Drummer'],
  ['Mono Delta', 'ZA', 2015, 'HIPHOP', 'Jozi Skyline', 'Load Shedding', 'Taxi Rank Poetry'],
  ['Vanta', 'IS', 2013, 'ROCK', 'Black Beach', 'Geyser', 'Glacier Engine'],
  ['Celeste Armand', 'BE', 2011, 'SOUL', 'Velours', 'Minuit Passé', 'Brussels Calling'],
  ['The Weekend Ministers', 'GB', 2000, 'ROCK', 'Vote for Friday', 'Red Box', 'Filibuster'],
  ['Tomasz & the Tide', 'PL', 2019, 'JAZZ', 'Baltic Swing', 'Amber Room', 'Slow Ferry to Gdańsk'],
];

export const artists: readonly Artist[] = catalogue.map(([name, country, formedIn], index) => ({
  id: `a${index + 1}`,
  name,
  country,
  formedIn,
}));

export const songs: readonly Song[] = catalogue.flatMap(([, , , genre, ...titles], artist) =>
  titles.map((title, place) => {
    const number = artist * 3 + place + 1;
    return {
      id: `s${number}`,
      title,
      // ZZ is no country: these codes belong to no recording.
      isrc: `ZZHGT26${String(number).padStart(5, '0')}`,
      genre,
      durationMs: 150_000 + ((number * 7_919) % 150) * 1_000,
      artistId: `a${artist + 1}`,
      likes: 0,
    };
  }),
);
