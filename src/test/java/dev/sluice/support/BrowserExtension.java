package dev.sluice.support;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.lang.reflect.Field;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

/**
 * A real browser for the tests of a class; register it in a static field. It is launched once. What a test opens is closed
 * after the methods of {@code @AfterEach}.
 */
public final class BrowserExtension implements BeforeAllCallback, BeforeEachCallback {
    /** Long enough for a busy machine; an assertion that holds ends earlier. */
    private static final int TIMEOUT_MILLIS = 60_000;

    private static final Namespace NAMESPACE = Namespace.create(BrowserExtension.class);

    private final boolean opensTab;
    private Browser browser;
    private ExtensionContext.Store opened;

    public BrowserExtension() {
        this(false);
    }

    private BrowserExtension(boolean opensTab) {
        this.opensTab = opensTab;
    }

    /**
     * A browser in which a tab is open for each test, already in the methods of {@code @BeforeEach}. A field of the test of
     * type {@link Tab} has the tab, one of type {@link Page} its page.
     */
    public static BrowserExtension withTab() {
        return new BrowserExtension(true);
    }

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
        PlaywrightAssertions.setDefaultAssertionTimeout(TIMEOUT_MILLIS);
        Chromium chromium = Chromium.launch();
        test.getStore(NAMESPACE).put(chromium, chromium);
        browser = chromium.browser();
    }

    @Override
    public void beforeEach(ExtensionContext test) throws IllegalAccessException {
        opened = test.getStore(NAMESPACE);
        if (opensTab) {
            Tab tab = open();
            set(test, Tab.class, tab);
            set(test, Page.class, tab.page());
        }
    }

    private static void set(ExtensionContext test, Class<?> type, Object value) throws IllegalAccessException {
        for (Field field : ReflectionSupport.findFields(
                test.getRequiredTestClass(), field -> field.getType() == type, HierarchyTraversalMode.TOP_DOWN)) {
            field.setAccessible(true);
            field.set(test.getRequiredTestInstance(), value);
        }
    }
}
