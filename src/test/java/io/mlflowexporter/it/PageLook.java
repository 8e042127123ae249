package io.mlflowexporter.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What holds of every page in every form; what it looked like is left in {@code target/screenshots}. */
final class PageLook {
    private static final Path SCREENSHOTS = Path.of("target", "screenshots");

    /** The least contrast of text that WCAG 2 asks for at level AA. */
    private static final double LEAST_CONTRAST = 4.5;

    /** Each text that is seen, with its contrast to the nearest background behind it. */
    private static final String CONTRASTS = """
            (() => {
              const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).map(Number).map(v => v / 255)
                  .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
                return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
              const behind = e => { for (; e; e = e.parentElement) {
                  const c = getComputedStyle(e).backgroundColor;
                  if (c !== 'rgba(0, 0, 0, 0)') return c; } return 'rgb(255, 255, 255)'; };
              const found = [];
              const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
              while (walk.nextNode()) {
                const text = walk.currentNode, e = text.parentElement;
                if (!text.data.trim() || !e.getClientRects().length) continue;
                const a = light(getComputedStyle(e).color), b = light(behind(e));
                found.push({text: text.data.slice(0, 40),
                    contrast: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)});
              }
              return found; })()
            """;

    /** Elements whose content is wider than they are, or that stick out of the window. */
    private static final String TOO_WIDE = """
            [...document.querySelectorAll('body *')]
              .filter(e => !e.closest('.unseen') && e.getClientRects().length)
              .filter(e => e.getBoundingClientRect().right > innerWidth + 1
                  || (getComputedStyle(e).display !== 'inline' && e.scrollWidth > e.clientWidth + 1))
              .map(e => e.tagName + '.' + e.className + ': ' + e.textContent.slice(0, 40))
            """;

    private final Browser browser;

    PageLook(Browser browser) {
        this.browser = browser;
    }

    /** Opens the page, saves what is seen, and checks what holds of every page in every form. */
    void show(URI address, String scheme, boolean phone, String name) throws IOException {
        window(scheme, phone);
        browser.open(address);
        check(address, scheme, phone, name);
    }

    /** Takes a window to open pages in. */
    void window(String scheme, boolean phone) throws IOException {
        browser.window(phone ? 360 : 1280, phone ? 740 : 900, phone);
        browser.colorScheme(scheme);
    }

    /** As {@link #show} of the page that is open. */
    void check(URI address, String scheme, boolean phone, String name) throws IOException {
        String file = name + (phone ? "-phone-" : "-desktop-") + scheme;
        browser.screenshot(SCREENSHOTS.resolve(file + ".png"), true);
        assertFits(file);
        browser.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)");
        browser.screenshot(SCREENSHOTS.resolve(file + "-unfolded.png"), true);
        assertFits(file + ", unfolded");
        List<String> faint = new ArrayList<>();
        for (JsonNode text : browser.evaluate(CONTRASTS)) {
            if (text.path("contrast").asDouble() < LEAST_CONTRAST) {
                faint.add(text.toString());
            }
        }
        assertThat(faint).as("text of low contrast, " + file).isEmpty();
        assertThat(browser.complaints()).as("console, " + file).isEmpty();
        assertThat(browser.requests())
                .as("requests, " + file)
                .isNotEmpty()
                .allMatch(request -> "data".equals(request.getScheme())
                        || address.getAuthority().equals(request.getAuthority()));
    }

    private void assertFits(String what) throws IOException {
        assertThat(browser.evaluate("document.documentElement.scrollWidth - innerWidth")
                        .asInt())
                .as("pixels to scroll sideways, " + what)
                .isNotPositive();
        assertThat(browser.evaluate(TOO_WIDE)).as("too wide, " + what).isEmpty();
    }

    /** The texts of all elements that a selector finds. */
    List<String> texts(String selector) throws IOException {
        List<String> texts = new ArrayList<>();
        browser.evaluate("[...document.querySelectorAll('" + selector + "')].map(e => e.textContent)")
                .forEach(text -> texts.add(text.asText()));
        return texts;
    }
}
