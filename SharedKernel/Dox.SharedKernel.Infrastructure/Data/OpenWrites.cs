namespace Dox.SharedKernel.Infrastructure.Data;

/// <summary>Whether a scope holds a transaction open: then nothing may be sent to another module and waited for.</summary>
internal sealed class OpenWrites
{
    private int _count;

    public bool Any => _count > 0;

    public void Opened() => _count++;

    public void Closed() => _count--;
}
