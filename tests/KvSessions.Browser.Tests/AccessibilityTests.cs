using static Microsoft.Playwright.Assertions;

namespace KvSessions.Browser.Tests;

public sealed class AccessibilityTests(Chromium chromium) : SiteTest(chromium)
{
    // Everything that is wrong with a page, in words.
    private const string Inspection =
        """
        () => {
            const faults = [];
            const check = (isRight, fault) => isRight || faults.push(fault);
            const all = selector => [...document.querySelectorAll(selector)];
            const text = ids => (ids || '').split(/\s+/).map(id => document.getElementById(id)?.textContent.trim() || '').join('');

            check(document.documentElement.lang, 'The page has no language.');
            check(document.title, 'The page has no title.');
            check(all('meta[name=viewport]').length === 1, 'The page does not fit itself to a phone.');
            check(all('h1').length === 1, `The page has ${all('h1').length} h1.`);
            for (const landmark of ['header', 'nav', 'main', 'footer'])
                check(all(landmark).length === 1, `The page has ${all(landmark).length} ${landmark}.`);

            const first = document.body.querySelector('a, button, input:not([type=hidden])');
            check(first.matches('a[href="#main"]') && document.getElementById('main'), 'The first control does not skip to the content.');

            const levels = all('h1, h2, h3, h4, h5, h6').map(heading => +heading.tagName[1]);
            levels.reduce((last, level) => (check(level <= last + 1, `A heading jumps from h${last} to h${level}.`), level), 0);

            for (const input of all('input:not([type=hidden]), select, textarea'))
                check(input.labels.length > 0 && input.labels[0].textContent.trim(), `The control '${input.name}' has no label.`);
            for (const control of all('button, a, summary'))
                check(control.getAttribute('aria-label') || control.textContent.trim(), `A ${control.tagName} has no name: ${control.outerHTML}`);
            for (const referrer of all('[aria-labelledby], [aria-describedby]'))
                check(text(referrer.getAttribute('aria-labelledby') ?? referrer.getAttribute('aria-describedby')), `A reference leads nowhere: ${referrer.outerHTML}`);
            for (const image of all('img:not([alt]), svg:not([aria-hidden]):not([role=img])'))
                check(false, `An image has no text: ${image.outerHTML}`);

            const ids = all('[id]').map(element => element.id);
            check(new Set(ids).size === ids.length, `An id is there twice: ${ids}`);

            const names = all('main button').map(button => (button.getAttribute('aria-label') || button.textContent).trim());
            check(new Set(names).size === names.length, `Two buttons have one name: ${names.join(', ')}`);

            check(all('script').length === 0, 'The page has a script.');
            check(all('*').every(element => [...element.attributes].every(attribute => !attribute.name.startsWith('on') && attribute.name !== 'style')),
                'The page has a script or a style in an attribute.');
            return faults;
        }
        """;

    [Fact]
    public async Task Every_page_can_be_used_without_seeing_it()
    {
        var visitor = await NewVisitorAsync();
        await foreach (var page in Tour.OfAllPagesAsync(visitor))
        {
            var faults = await visitor.Page.EvaluateAsync<string[]>(Inspection);
            Assert.True(faults.Length == 0, $"{page}: {string.Join(' ', faults)}");
        }
    }

    [Fact]
    public async Task The_keyboard_skips_to_the_content()
    {
        var visitor = await NewVisitorAsync();
        await visitor.OpenAsync("/");
        var skip = visitor.Page.GetByText("Skip to content");
        await Expect(skip).Not.ToBeInViewportAsync();

        await visitor.Page.Keyboard.PressAsync("Tab");
        await Expect(skip).ToBeFocusedAsync();
        await Expect(skip).ToBeInViewportAsync();
        await visitor.Page.Keyboard.PressAsync("Enter");
        await Expect(visitor.Page.Locator("main")).ToBeFocusedAsync();
        await visitor.Page.Keyboard.PressAsync("Tab");

        await Expect(visitor.Button("Add Enamel mug to cart")).ToBeFocusedAsync();
    }

    [Fact]
    public async Task Signing_in_needs_nothing_but_the_keyboard()
    {
        var visitor = await NewVisitorAsync();
        await visitor.OpenAsync("/sign-in");
        await visitor.Page.GetByLabel("Name").FocusAsync();

        await visitor.Page.Keyboard.TypeAsync("ada");
        await visitor.Page.Keyboard.PressAsync("Tab");
        await visitor.Page.Keyboard.TypeAsync("first-programme");
        await visitor.Page.Keyboard.PressAsync("Enter");

        await visitor.ExpectSignedInAsync();
    }
}
