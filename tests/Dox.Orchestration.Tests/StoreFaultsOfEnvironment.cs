using System.Globalization;
using Dox.Orchestration.Tests.Engine;
using Dox.Testing.Hosts;

namespace Dox.Orchestration.Tests;

/// <summary>Every host of these tests has a store that fails, where the environment says how often.</summary>
[SetUpFixture]
public sealed class StoreFaultsOfEnvironment
{
    [OneTimeSetUp]
    public void Apply()
    {
        if (Environment.GetEnvironmentVariable(FaultyRunStore.Variable) is { Length: > 0 } rate)
            DoxHostFixture.InEachHost = services => FaultyRunStore.AddTo(services, double.Parse(rate, CultureInfo.InvariantCulture));
    }
}
