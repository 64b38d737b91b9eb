// Give a name to what the theme leaves without one: a screen reader lists landmarks by their names.
(() => {
  "use strict";
  const name = () => {
    document.querySelectorAll(".md-code__nav").forEach((nav, number) => {
      nav.setAttribute("aria-label", `Code block ${number + 1}`);
    });
    document.querySelectorAll(".md-nav__item--section, .md-nav__item--nested").forEach((item) => {
      const nav = item.querySelector(":scope > nav[aria-labelledby]");
      const title = item.querySelector(":scope > .md-nav__container .md-ellipsis, :scope > .md-nav__link .md-ellipsis");
      if (nav && title) {
        nav.removeAttribute("aria-labelledby");
        nav.setAttribute("aria-label", title.textContent.trim());
      }
    });
  };
  new MutationObserver(name).observe(document.documentElement, { childList: true, subtree: true });
  name();
})();
