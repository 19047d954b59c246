using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;

namespace Accounts;

/// <summary>
/// A piece of HTML, written as an interpolated string: what stands in the literal is markup, and whatever is put into its holes is
/// encoded, unless it is HTML itself. So forgetting to encode is not possible.
/// </summary>
[InterpolatedStringHandler]
public sealed class Html(int literalLength, int formattedCount)
{
    private readonly StringBuilder _markup = new(literalLength + (formattedCount * 32));

    public static Html Empty { get; } = $"";

    public void AppendLiteral(string markup) => _markup.Append(markup);

    public void AppendFormatted(Html html) => _markup.Append(html._markup);

    public void AppendFormatted(IEnumerable<Html> parts)
    {
        foreach (var part in parts)
        {
            AppendFormatted(part);
        }
    }

    public void AppendFormatted(string? text) => _markup.Append(HtmlEncoder.Default.Encode(text ?? string.Empty));

    public void AppendFormatted(IFormattable value, string? format = null) =>
        AppendFormatted(value.ToString(format, CultureInfo.InvariantCulture));

    public void AppendFormatted(object? value) => AppendFormatted(value?.ToString());

    public override string ToString() => _markup.ToString();
}
