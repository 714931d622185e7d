using System.Security.Claims;
using Duende.Bff;
using Duende.Bff.Yarp;

var builder = WebApplication.CreateBuilder(args);

builder.Services.AddBff()
    .AddServerSideSessions()
    .AddRemoteApis()
    .ConfigureOpenIdConnect(options =>
    {
        options.Authority = "https://id.example.com";
        options.ClientId = "shop";
        options.ClientSecret = "…";
        options.ResponseType = "code";
        options.SaveTokens = true;
        options.MapInboundClaims = false;
        options.GetClaimsFromUserInfoEndpoint = true;
        options.Scope.Add("offline_access");
        options.Scope.Add("orders");
    })
    .ConfigureCookies(options => options.Cookie.SameSite = SameSiteMode.Lax);
builder.Services.AddAuthorization();

var app = builder.Build();
app.UseDefaultFiles();
app.UseStaticFiles();
app.UseRouting();
app.UseAuthentication();
app.UseBff();
app.UseAuthorization();

app.MapGet("/profile", (ClaimsPrincipal user) => new { name = user.FindFirstValue("name") })
    .RequireAuthorization()
    .AsBffApiEndpoint();
app.MapRemoteBffApiEndpoint("/orders", new Uri("https://orders.internal/orders"))
    .WithAccessToken(RequiredTokenType.User);
app.Run();
