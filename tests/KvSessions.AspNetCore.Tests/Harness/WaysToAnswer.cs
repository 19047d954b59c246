using System.Buffers;
using System.Net;
using System.Text;

namespace KvSessions.AspNetCore.Tests;

/// <summary>The ways in which a handler can answer, each of which may be the first to start the response.</summary>
internal sealed record WayToAnswer(Func<HttpContext, Task> WriteAsync, string Body = WaysToAnswer.Text, HttpStatusCode Status = HttpStatusCode.OK);

internal static class WaysToAnswer
{
    public const string Text = "the answer of the handler";

    private static readonly string File = WriteFile();

    private static readonly string Large = string.Concat(Enumerable.Repeat(Text, 20_000));

    public static IReadOnlyDictionary<string, WayToAnswer> All { get; } = new Dictionary<string, WayToAnswer>
    {
        ["Response.WriteAsync"] = new(context => Plain(context).Response.WriteAsync(Text)),
        ["Body.WriteAsync"] = new(context => Plain(context).Response.Body.WriteAsync(Encoding.UTF8.GetBytes(Text)).AsTask()),
        ["Body.WriteAsync of an array"] = new(context => Plain(context).Response.Body.WriteAsync(Encoding.UTF8.GetBytes(Text), 0, Text.Length)),
        ["Body.BeginWrite"] = new(context => Task.Factory.FromAsync(
            Plain(context).Response.Body.BeginWrite, context.Response.Body.EndWrite, Encoding.UTF8.GetBytes(Text), 0, Text.Length, null)),
        ["Body.FlushAsync first"] = new(async context =>
        {
            await Plain(context).Response.Body.FlushAsync();
            await context.Response.WriteAsync(Text);
        }),
        ["BodyWriter and FlushAsync"] = new(async context =>
        {
            Write(Plain(context));
            await context.Response.BodyWriter.FlushAsync();
        }),
        ["BodyWriter by memory"] = new(async context =>
        {
            var memory = Plain(context).Response.BodyWriter.GetMemory(Text.Length);
            context.Response.BodyWriter.Advance(Encoding.UTF8.GetBytes(Text, memory.Span));
            await context.Response.BodyWriter.FlushAsync();
        }),
        ["BodyWriter without a flush"] = new(context =>
        {
            Write(Plain(context));
            return Task.CompletedTask;
        }),
        ["BodyWriter.FlushAsync of nothing"] = new(async context =>
        {
            await Plain(context).Response.BodyWriter.FlushAsync();
            await context.Response.WriteAsync(Text);
        }),
        ["BodyWriter.CompleteAsync"] = new(async context =>
        {
            Write(Plain(context));
            await context.Response.BodyWriter.CompleteAsync();
        }),
        ["BodyWriter, then Body"] = new(async context =>
        {
            Plain(context).Response.BodyWriter.Write(Encoding.UTF8.GetBytes(Text[..5]));
            await context.Response.BodyWriter.FlushAsync();
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(Text[5..]));
        }),
        ["StartAsync"] = new(async context =>
        {
            await Plain(context).Response.StartAsync();
            await context.Response.WriteAsync(Text);
        }),
        ["SendFileAsync"] = new(context => Plain(context).Response.SendFileAsync(File)),
        ["CompleteAsync"] = new(async context =>
        {
            Write(Plain(context));
            await context.Response.CompleteAsync();
        }),
        ["Results.Text"] = new(context => Results.Text(Text).ExecuteAsync(context)),
        ["Results.Json"] = new(context => Results.Json(Text).ExecuteAsync(context), $"\"{Text}\""),
        ["Results.Stream"] = new(context => Results.Stream(new MemoryStream(Encoding.UTF8.GetBytes(Text)), "text/plain").ExecuteAsync(context)),
        ["Results.Redirect"] = new(context => Results.Redirect("/elsewhere").ExecuteAsync(context), "", HttpStatusCode.Redirect),
        ["an empty 204"] = new(context => Results.NoContent().ExecuteAsync(context), "", HttpStatusCode.NoContent),
        ["nothing at all"] = new(_ => Task.CompletedTask, ""),
        ["one large write"] = new(context => Plain(context).Response.WriteAsync(Large), Large),
        ["many small writes"] = new(
            async context =>
            {
                Plain(context);
                for (var i = 0; i < 1000; i++)
                {
                    await context.Response.WriteAsync("0123456789");
                }
            },
            string.Concat(Enumerable.Repeat("0123456789", 1000))),
        ["a buffer of its own"] = new(async context =>
        {
            var body = Plain(context).Response.Body;
            using var buffer = new MemoryStream();
            context.Response.Body = buffer;
            await context.Response.WriteAsync(Text);
            context.Response.Body = body;
            buffer.Position = 0;
            await buffer.CopyToAsync(body);
        }),
    };

    private static HttpContext Plain(HttpContext context)
    {
        context.Response.ContentType = "text/plain";
        return context;
    }

    private static void Write(HttpContext context) => context.Response.BodyWriter.Write(Encoding.UTF8.GetBytes(Text));

    private static string WriteFile()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "answer.txt");
        System.IO.File.WriteAllText(path, Text);
        return path;
    }
}
