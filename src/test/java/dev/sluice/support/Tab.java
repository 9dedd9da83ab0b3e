package dev.sluice.support;

import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A tab of the browser that remembers what its page complained about. */
public final class Tab implements AutoCloseable {
    private static final Path SHOTS = Path.of("target", "screenshots");

    private final BrowserContext context;
    private final Page page;
    private final List<String> complaints = new ArrayList<>();
    private final List<String> expected = new ArrayList<>();

    Tab(Browser browser, ColorScheme scheme, int width, int height) {
        context = browser.newContext(new Browser.NewContextOptions()
                .setColorScheme(scheme)
                .setReducedMotion(ReducedMotion.REDUCE)
                .setViewportSize(width, height));
        page = context.newPage();
        page.onConsoleMessage(message -> complaints.add(message.text()));
        page.onPageError(complaints::add);
    }

    public Page page() {
        return page;
    }

    public BrowserContext context() {
        return context;
    }

    public Locator locator(String selector) {
        return page.locator(selector);
    }

    /** Presses the button, or follows the link, with this name. */
    public void press(String name) {
        page.locator("button:visible, a:visible")
                .filter(new Locator.FilterOptions().setHasText(name))
                .last()
                .click();
    }

    /** Requires that no rule of axe-core is violated. */
    public void violatesNothing() {
        assertThat(new AxeBuilder(page).analyze().getViolations())
                .extracting(rule -> rule.getId() + " " + rule.getNodes().get(0).getHtml() + " "
                        + rule.getNodes().get(0).getFailureSummary())
                .isEmpty();
    }

    /** Takes a picture of the page, to be looked at. */
    public void shot(String name) {
        page.screenshot(new Page.ScreenshotOptions().setPath(SHOTS.resolve(name + ".png")));
    }

    /** Allows complaints that the test provokes, before or after this call: the browser reports each error answer. */
    public void expectComplaint(String text) {
        expected.add(text);
    }

    /** Closes the tab, and requires that its page complained about nothing. */
    @Override
    public void close() {
        context.close();
        complaints.removeIf(complaint -> expected.stream().anyMatch(complaint::contains));
        assertThat(complaints).isEmpty();
    }
}
