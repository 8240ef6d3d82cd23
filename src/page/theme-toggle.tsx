import { useEffect, useState } from 'react';

const themes = ['auto', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];

const storageKey = 'theme';
const names: Readonly<Record<Theme, string>> = { auto: 'As the system', light: 'Light', dark: 'Dark' };

/** The colours follow the system until the reader chooses otherwise; the choice is kept. */
export function ThemeToggle() {
  const [theme, setTheme] = useState<Theme>(
    () => themes.find((name) => name === localStorage.getItem(storageKey)) ?? 'auto',
  );

  useEffect(() => {
    localStorage.setItem(storageKey, theme);
    document.documentElement.dataset['theme'] = theme;
    dispatchEvent(new Event('themechange'));
  }, [theme]);

  return (
    <fieldset className="theme">
      <legend className="hidden">Colours</legend>
      {themes.map((name) => (
        <label key={name} title={names[name]}>
          <input type="radio" name="theme" checked={theme === name} onChange={() => setTheme(name)} />
          <span className="hidden">{names[name]}</span>
          <svg viewBox="0 0 16 16" aria-hidden="true">
            {icons[name]}
          </svg>
        </label>
      ))}
    </fieldset>
  );
}

const icons: Readonly<Record<Theme, React.ReactNode>> = {
  auto: (
    <>
      <circle cx="8" cy="8" r="5.25" />
      <path d="M8 2.75a5.25 5.25 0 0 1 0 10.5z" className="filled" />
    </>
  ),
  light: (
    <>
      <circle cx="8" cy="8" r="2.75" />
      <path d="M8 1v2M8 13v2M1 8h2M13 8h2M3.05 3.05l1.4 1.4M11.55 11.55l1.4 1.4M3.05 12.95l1.4-1.4M11.55 4.45l1.4-1.4" />
    </>
  ),
  dark: <path d="M13 9.6A5.5 5.5 0 0 1 6.4 3a5.5 5.5 0 1 0 6.6 6.6z" />,
};
