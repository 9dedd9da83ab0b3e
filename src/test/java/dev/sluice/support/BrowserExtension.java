package dev.sluice.support;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * A real browser for the tests of a class; register it in a static field. It is launched once. What a test opens is closed
 * after the methods of {@code @AfterEach}.
 */
public final class BrowserExtension implements BeforeAllCallback, BeforeEachCallback {
    /** Long enough for a busy machine; an assertion that holds ends earlier. */
    private static final int PATIENCE_MILLIS = 60_000;

    private static final Namespace NAMESPACE = Namespace.create(BrowserExtension.class);

    private Browser browser;
    private ExtensionContext.Store opened;

    /** Opens a tab of the size of a desktop. When it is closed, its page must not have logged anything. */
    public Tab open() {
        return open(ColorScheme.LIGHT, 1280, 800);
    }

    /** As {@link #open()}, with another color scheme and size. */
    public Tab open(ColorScheme scheme, int width, int height) {
        Tab tab = new Tab(browser, scheme, width, height);
        opened.put(tab, tab);
        return tab;
    }

    /** Opens a context whose pages may log anything. */
    public BrowserContext context(Browser.NewContextOptions options) {
        BrowserContext context = browser.newContext(options);
        opened.put(context, context);
        return context;
    }

    @Override
    public void beforeAll(ExtensionContext test) {
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
        Chromium chromium = Chromium.launch();
        test.getStore(NAMESPACE).put(chromium, chromium);
        browser = chromium.browser();
    }

    @Override
    public void beforeEach(ExtensionContext test) {
        opened = test.getStore(NAMESPACE);
    }
}
