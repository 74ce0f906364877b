[assembly: System.Runtime.CompilerServices.InternalsVisibleTo("Light.Sh.Tests")]
