"""Make the templates' placeholder stimuli: flat pictures and plain pages, all of our own.

``python packaging/make_templates.py`` writes below ``resources/templates``; each study.toml
there is written by hand.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parent.parent / "resources"
OUT = ROOT / "templates"

INK, QUIET, GROUND, CARD, ACCENT, SOFT = (
    "#1B2430", "#5B6675", "#F5F7FA", "#FFFFFF", "#2F6FED", "#DCE5F2",
)  # fmt: skip
WIDE, PHONE = (1280, 720), (780, 1688)
PHONE_ACTION, PHONE_BACK = (80, 1340, 620, 128), (240, 1500, 300, 96)
"""Left, top, width and height of the two buttons on a phone's screen, as study.toml has them."""


def letters(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    """Inter, as the product ships it."""
    name = "Inter-Bold.otf" if bold else "Inter-Regular.otf"
    return ImageFont.truetype(str(ROOT / "fonts" / name), size)


def wide(path: Path, title: str, words: str, action: str = "") -> None:
    """An ad or a mail: a title, a line, a button, and a shape instead of a product."""
    image = Image.new("RGB", WIDE, GROUND)
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((720, 120, 1180, 600), 32, fill=SOFT)
    draw.ellipse((830, 240, 1070, 480), fill=ACCENT)
    draw.text((96, 220), title, font=letters(64, bold=True), fill=INK)
    draw.multiline_text((96, 390), words, font=letters(30), fill=QUIET, spacing=12)
    if action:
        draw.rounded_rectangle((96, 520, 396, 590), 12, fill=ACCENT)
        draw.text((246, 555), action, font=letters(26, bold=True), fill=CARD, anchor="mm")
    save(image, path)


def phone(path: Path, title: str, words: str, action: str = "", *, back: str = "") -> None:
    """A screenshot of a phone, twice as fine as its 390 x 844 CSS px."""
    image = Image.new("RGB", PHONE, CARD)
    draw = ImageDraw.Draw(image)
    width = PHONE[0]
    draw.text((64, 40), "9:41", font=letters(30, bold=True), fill=INK)
    draw.rounded_rectangle((width - 120, 46, width - 64, 74), 8, outline=INK, width=3)
    draw.rounded_rectangle((80, 180, width - 80, 740), 48, fill=GROUND)
    draw.ellipse((width / 2 - 150, 310, width / 2 + 150, 610), fill=ACCENT)
    draw.text((80, 830), title, font=letters(64, bold=True), fill=INK)
    draw.multiline_text((80, 950), words, font=letters(42), fill=QUIET, spacing=22)
    for box, text, is_first in ((PHONE_ACTION, action, True), (PHONE_BACK, back, False)):
        left, top, wide_px, high_px = box
        if text and is_first:
            draw.rounded_rectangle((left, top, left + wide_px, top + high_px), 32, fill=ACCENT)
        if text:
            draw.text(
                (left + wide_px / 2, top + high_px / 2),
                text,
                font=letters(44 if is_first else 40, bold=is_first),
                fill=CARD if is_first else QUIET,
                anchor="mm",
            )
    draw.rounded_rectangle((width / 2 - 140, 1648, width / 2 + 140, 1660), 6, fill=INK)
    save(image, path)


def save(image: Image.Image, path: Path) -> None:
    """Few colours, so that the files stay small."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image.quantize(64).save(path, optimize=True)


CSS = """\
body { margin: 0; font: 18px/1.5 system-ui, sans-serif; color: #1b2430; background: #f5f7fa; }
main { max-width: 720px; margin: 48px auto; padding: 32px; background: #fff; border-radius: 14px; }
h1 { font-size: 34px; line-height: 1.2; margin: 0 0 12px; }
p, li, label { color: #5b6675; }
.picture { height: 240px; margin: 0 0 24px; border-radius: 12px; background: #dce5f2; }
.price { font-size: 28px; color: #1b2430; }
.go { display: inline-block; padding: 12px 24px; border: 0; border-radius: 10px; font: inherit;
  font-weight: 600; color: #fff; background: #2f6fed; text-decoration: none; cursor: pointer; }
input { display: block; width: 100%; box-sizing: border-box; margin: 4px 0 16px; padding: 12px;
  font: inherit; border: 1px solid #b8c2d0; border-radius: 8px; }
"""

PAGES = {
    "index.html": (
        "Your shop",
        '<div class="picture" id="hero"></div><h1>Your promise in one line</h1>'
        '<p id="offer">Say here what is new, and for whom.</p>'
        '<p><a class="go" id="start" href="product.html">See the product</a></p>',
    ),
    "product.html": (
        "Your product",
        '<div class="picture" id="photo"></div><h1>Your product</h1>'
        '<p class="price" id="price">49 €</p><ul id="reasons"><li>First reason</li>'
        "<li>Second reason</li><li>Third reason</li></ul>"
        '<p><a class="go" id="add" href="cart.html">Add to cart</a></p>',
    ),
    "cart.html": (
        "Cart",
        '<h1>Your cart</h1><p id="line">1 × your product, <span class="price">49 €</span></p>'
        '<p id="delivery">Delivery 4.90 €, two to three days.</p>'
        '<p><a class="go" id="checkout" href="checkout.html">Go to checkout</a></p>',
    ),
    "checkout.html": (
        "Checkout",
        '<h1>Checkout</h1><form action="thanks.html"><label>Name<input id="name" required></label>'
        '<label>E-mail<input id="email" type="email" required></label>'
        '<label>Card number<input id="card" inputmode="numeric" pattern="[0-9 ]{12,23}" required>'
        '</label><button class="go" id="pay">Pay 53.90 €</button></form>',
    ),
    "thanks.html": (
        "Thank you",
        '<h1>Thank you</h1><p id="next">Your order is on its way. We write to you when it leaves '
        "us.</p>",
    ),
}


def pages(folder: Path, names: list[str]) -> None:
    """Pages that lead to each other and load nothing from elsewhere."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "style.css").write_text(CSS, encoding="utf-8")
    for name in names:
        title, body = PAGES[name]
        (folder / name).write_text(
            '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f'<title>{title}</title>\n<link rel="stylesheet" href="style.css">\n'
            f"<main>{body}</main>\n</html>\n",
            encoding="utf-8",
        )


def main() -> None:
    """Write all of them."""
    first = OUT / "first-purchase" / "stimuli"
    wide(first / "ad.png", "Your ad", "Put your picture or film here.", "See more")
    pages(first / "shop", list(PAGES))
    app = OUT / "mobile-onboarding" / "stimuli"
    phone(app / "ad.png", "Your ad", "What made people\nlook for the app.", "Get the app")
    phone(app / "store.png", "Your app", "Four stars, free.\nThe entry in the store.", "Install")
    phone(app / "welcome.png", "Welcome", "One line on what\nthe app is for.", "Get started",
          back="I have an account")  # fmt: skip
    phone(app / "sign-up.png", "Create an account", "Name\n\nE-mail", "Continue", back="Back")
    phone(app / "permission.png", "Stay in touch?", "We tell you when\nsomething changes.", "Allow",
          back="Not now")  # fmt: skip
    phone(app / "home.png", "Good morning", "Nothing here yet.", "Make the first one")
    phone(app / "done.png", "Your first one", "It is saved. You find it\non this page.", "Share it")
    phone(app / "plans.png", "Choose a plan", "Free for 14 days,\nthen 4.90 € a month.", "Try it",
          back="Not now")  # fmt: skip
    after = OUT / "first-ten-minutes" / "stimuli"
    wide(after / "ad.png", "Your ad", "As it was seen before buying.", "See more")
    pages(after / "shop", ["thanks.html"])
    wide(after / "mail.png", "It is on its way", "The mail that announces the parcel.", "Track it")
    wide(after / "help.png", "Need a hand?", "The page of the manual,\nor of the help.", "Watch it")


if __name__ == "__main__":
    main()
