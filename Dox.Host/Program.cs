using Dox.Host;
using Dox.Host.CommandLine;

return await DoxCommandLine.RunAsync(args, (arguments, settings) => DoxApplication.Build(arguments, settings));
