(() => {
  // Titles become data, so that the browser's own tooltip does not show a second time.
  for (const title of document.querySelectorAll('.plot title')) {
    const mark = title.parentNode;
    if (!mark.classList.contains('plot')) mark.dataset.tip = title.textContent;
    title.remove();
  }
  const tip = document.body.appendChild(document.createElement('div'));
  tip.className = 'tip';
  tip.hidden = true;
  document.addEventListener('pointermove', event => {
    const mark = event.target.closest?.('[data-tip]');
    tip.hidden = !mark;
    if (!mark) return;
    tip.textContent = mark.dataset.tip;
    const x = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8);
    const below = event.clientY + 18;
    const fits = innerHeight > below + tip.offsetHeight;
    tip.style.left = x + 'px';
    tip.style.top = (fits ? below : event.clientY - tip.offsetHeight - 10) + 'px';
  });
})();
