const clock = document.getElementById("clock");

function tick() {
  const now = new Date();
  clock.dateTime = now.toISOString();
  clock.textContent = now.toLocaleTimeString();
}

tick();
setInterval(tick, 1000);
