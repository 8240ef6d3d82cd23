/** For who uses a keyboard: the first thing on a page, seen when it has the focus. The address stays as it is. */
export function SkipLink() {
  return (
    <a
      className="skip"
      href="#main"
      onClick={(event) => {
        event.preventDefault();
        document.getElementById('main')?.focus();
      }}
    >
      Skip to the numbers
    </a>
  );
}
