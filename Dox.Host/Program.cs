using Dox.Host;
using Dox.Host.CommandLine;

return await DoxCommandLine.RunAsync(args, DoxApplication.Build);
