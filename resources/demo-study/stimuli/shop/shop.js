// The little the shop does by itself: colours, quantities, and a card field that forgives nothing.
"use strict";

function money(euros) {
  return "€" + euros.toFixed(2);
}

function wireColours() {
  const name = document.getElementById("colour-name");
  document.querySelectorAll("input[name=colour]").forEach((input) => {
    input.addEventListener("change", () => {
      name.textContent = input.value;
    });
  });
  document.querySelectorAll(".thumbs button").forEach((button) => {
    button.addEventListener("click", () => {
      document.querySelectorAll(".thumbs button").forEach((b) => b.classList.remove("on"));
      button.classList.add("on");
    });
  });
}

function wireCart() {
  const line = document.querySelector(".line");
  if (!line) return;
  const count = line.querySelector("output");
  let papers = 0;
  const show = () => {
    const goods = Number(line.dataset.price) * Number(count.value);
    line.querySelector(".sum").textContent = money(goods);
    document.getElementById("goods").textContent = money(goods + papers);
    document.getElementById("total").textContent = money(goods + papers);
    document.getElementById("vat").textContent = money(((goods + papers) * 19) / 119);
  };
  line.querySelector(".less").addEventListener("click", () => {
    count.value = String(Math.max(1, Number(count.value) - 1));
    show();
  });
  line.querySelector(".more").addEventListener("click", () => {
    count.value = String(Math.min(9, Number(count.value) + 1));
    show();
  });
  document.getElementById("add-papers").addEventListener("click", (event) => {
    papers = 6;
    event.target.textContent = "Added";
    event.target.disabled = true;
    show();
  });
}

function wireCheckout() {
  const form = document.getElementById("checkout");
  if (!form) return;
  const card = document.getElementById("card-number");
  const error = document.getElementById("card-error");
  // Spaces are refused, the field is emptied, and nobody is told why: the friction under study.
  card.addEventListener("invalid", () => {
    if (card.validity.patternMismatch) card.value = "";
    card.classList.add("wrong");
    error.hidden = false;
  });
  card.addEventListener("input", () => {
    card.classList.remove("wrong");
    error.hidden = true;
  });
  form.addEventListener("submit", (event) => {
    // Nothing typed here may travel, not even in an address line.
    event.preventDefault();
    window.location.href = "confirmed.html";
  });
}

wireColours();
wireCart();
wireCheckout();
